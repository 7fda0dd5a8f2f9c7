//! What `/Users` and `/Groups` do differently: the use case behind each method, and what an answer
//! shows beside the attributes.

use std::{fmt::Display, future::Future};

use provost_directory::{
    Directory, DirectoryError, Page, Written,
    group::Group,
    id::{GroupId, UserId},
    user::User,
};
use provost_scim::{
    list::ListRequest, member::MemberKind, patch::PatchRequest, schema::ResourceType, v2::View,
    validate::Input,
};

use super::caller::ScimCaller;

/// A resource to change.
pub(crate) struct Change<I> {
    pub(super) id: I,
    /// The versions that `If-Match` names.
    pub(super) expected: Option<Vec<u64>>,
    /// Whether the answer shows its groups or members.
    pub(super) with_links: bool,
}

/// What a use case comes to.
type Done<T> = Result<T, DirectoryError>;

/// Users or groups, as handlers see them.
pub(crate) trait Endpoint: Sized + Send + Sync + 'static {
    /// How they are identified.
    type Id: Copy + Display + Send + Sync;
    /// Which of the two.
    const KIND: MemberKind;
    /// The attribute whose values are other resources.
    const LINKS: &'static str;
    /// Whether a PATCH answers with the resource when no attributes are asked for.
    const PATCH_IS_SHOWN: bool;

    /// What the caller's tenant has of them.
    fn of(caller: &ScimCaller) -> &'static ResourceType {
        caller.types().of(Self::KIND)
    }
    /// The id in a path.
    fn parse_id(text: &str) -> Option<Self::Id>;
    /// The id of this one.
    fn id_text(&self) -> String;
    /// The number in its `ETag`.
    fn version(&self) -> u64;
    /// As an answer shows it.
    fn view<'a>(&'a self, of: &'static ResourceType, id: &'a str) -> View<'a>;

    /// `POST`.
    fn create(
        directory: &Directory,
        caller: &ScimCaller,
        input: Input,
        hash: [u8; 32],
    ) -> impl Future<Output = Done<Written<Self>>> + Send;
    /// `GET`.
    fn read(
        directory: &Directory,
        caller: &ScimCaller,
        id: Self::Id,
        with_links: bool,
    ) -> impl Future<Output = Done<Self>> + Send;
    /// `PUT`.
    fn replace(
        directory: &Directory,
        caller: &ScimCaller,
        change: Change<Self::Id>,
        input: Input,
    ) -> impl Future<Output = Done<Written<Self>>> + Send;
    /// `PATCH`.
    fn patch(
        directory: &Directory,
        caller: &ScimCaller,
        change: Change<Self::Id>,
        patch: PatchRequest,
    ) -> impl Future<Output = Done<Written<Self>>> + Send;
    /// `DELETE`.
    fn delete(
        directory: &Directory,
        caller: &ScimCaller,
        id: Self::Id,
        expected: Option<Vec<u64>>,
    ) -> impl Future<Output = Done<()>> + Send;
    /// A page of them.
    fn list(
        directory: &Directory,
        caller: &ScimCaller,
        request: &ListRequest,
        max: u64,
    ) -> impl Future<Output = Done<Page<Self>>> + Send;
}

/// Nothing is skipped when a user is written.
fn whole(user: User) -> Written<User> {
    Written {
        object: user,
        skipped_members: Vec::new(),
    }
}

impl Endpoint for User {
    type Id = UserId;
    const KIND: MemberKind = MemberKind::User;
    const LINKS: &'static str = "groups";
    const PATCH_IS_SHOWN: bool = true;

    fn parse_id(text: &str) -> Option<UserId> {
        UserId::parse(text)
    }

    fn id_text(&self) -> String {
        self.id.to_string()
    }

    fn version(&self) -> u64 {
        self.version
    }

    fn view<'a>(&'a self, of: &'static ResourceType, id: &'a str) -> View<'a> {
        View {
            kind: of,
            id,
            resource: &self.resource,
            created: self.created,
            last_modified: self.last_modified,
            version: self.version,
            groups: &self.groups,
            members: &[],
        }
    }

    async fn create(
        directory: &Directory,
        caller: &ScimCaller,
        input: Input,
        hash: [u8; 32],
    ) -> Done<Written<Self>> {
        let (who, actor) = (caller.directory_caller(), caller.actor());
        let created = directory.create_user(who, &actor, input, hash).await?;
        Ok(whole(created.into_inner()))
    }

    async fn read(
        directory: &Directory,
        caller: &ScimCaller,
        id: UserId,
        with_links: bool,
    ) -> Done<Self> {
        directory
            .user(caller.directory_caller(), id, with_links)
            .await
    }

    async fn replace(
        directory: &Directory,
        caller: &ScimCaller,
        change: Change<UserId>,
        input: Input,
    ) -> Done<Written<Self>> {
        let (who, actor) = (caller.directory_caller(), caller.actor());
        let replaced = directory.replace_user(who, &actor, change.id, change.expected, input);
        replaced.await.map(whole)
    }

    async fn patch(
        directory: &Directory,
        caller: &ScimCaller,
        change: Change<UserId>,
        patch: PatchRequest,
    ) -> Done<Written<Self>> {
        let (who, actor) = (caller.directory_caller(), caller.actor());
        let patched = directory.patch_user(who, &actor, change.id, change.expected, patch);
        patched.await.map(whole)
    }

    async fn delete(
        directory: &Directory,
        caller: &ScimCaller,
        id: UserId,
        expected: Option<Vec<u64>>,
    ) -> Done<()> {
        let (who, actor) = (caller.directory_caller(), caller.actor());
        directory.delete_user(who, &actor, id, expected).await
    }

    async fn list(
        directory: &Directory,
        caller: &ScimCaller,
        request: &ListRequest,
        max: u64,
    ) -> Done<Page<Self>> {
        directory
            .users(caller.directory_caller(), request, max)
            .await
    }
}

impl Endpoint for Group {
    type Id = GroupId;
    const KIND: MemberKind = MemberKind::Group;
    const LINKS: &'static str = "members";
    const PATCH_IS_SHOWN: bool = false;

    fn parse_id(text: &str) -> Option<GroupId> {
        GroupId::parse(text)
    }

    fn id_text(&self) -> String {
        self.id.to_string()
    }

    fn version(&self) -> u64 {
        self.version
    }

    fn view<'a>(&'a self, of: &'static ResourceType, id: &'a str) -> View<'a> {
        View {
            kind: of,
            id,
            resource: &self.resource,
            created: self.created,
            last_modified: self.last_modified,
            version: self.version,
            groups: &[],
            members: &self.members,
        }
    }

    async fn create(
        directory: &Directory,
        caller: &ScimCaller,
        input: Input,
        hash: [u8; 32],
    ) -> Done<Written<Self>> {
        let (who, actor) = (caller.directory_caller(), caller.actor());
        let created = directory.create_group(who, &actor, input, hash).await?;
        Ok(created.into_inner())
    }

    async fn read(
        directory: &Directory,
        caller: &ScimCaller,
        id: GroupId,
        with_links: bool,
    ) -> Done<Self> {
        directory
            .group(caller.directory_caller(), id, with_links)
            .await
    }

    async fn replace(
        directory: &Directory,
        caller: &ScimCaller,
        change: Change<GroupId>,
        input: Input,
    ) -> Done<Written<Self>> {
        let (who, actor) = (caller.directory_caller(), caller.actor());
        let Change {
            id,
            expected,
            with_links,
        } = change;
        directory
            .replace_group(who, &actor, id, expected, input, with_links)
            .await
    }

    async fn patch(
        directory: &Directory,
        caller: &ScimCaller,
        change: Change<GroupId>,
        patch: PatchRequest,
    ) -> Done<Written<Self>> {
        let (who, actor) = (caller.directory_caller(), caller.actor());
        let Change {
            id,
            expected,
            with_links,
        } = change;
        directory
            .patch_group(who, &actor, id, expected, patch, with_links)
            .await
    }

    async fn delete(
        directory: &Directory,
        caller: &ScimCaller,
        id: GroupId,
        expected: Option<Vec<u64>>,
    ) -> Done<()> {
        let (who, actor) = (caller.directory_caller(), caller.actor());
        directory.delete_group(who, &actor, id, expected).await
    }

    async fn list(
        directory: &Directory,
        caller: &ScimCaller,
        request: &ListRequest,
        max: u64,
    ) -> Done<Page<Self>> {
        directory
            .groups(caller.directory_caller(), request, max)
            .await
    }
}
