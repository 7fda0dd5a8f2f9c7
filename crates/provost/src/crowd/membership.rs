//! `GET /group/membership`: every group with its direct members, streamed. XML in either case,
//! as Crowd has no other form of it.

use axum::response::Response;
use provost_directory::view::MembershipItem;

use super::{
    auth::CrowdCaller,
    error::Failure,
    format::Format,
    stream::{Encode, stream},
    xml,
};

/// The whole listing. Empty groups are in it: an application keeps the old members of a group
/// that is left out.
pub(super) async fn list(caller: CrowdCaller) -> Result<Response, Failure> {
    let listing = caller.view.memberships().await?;
    stream(listing, Encoder(Section::Outside), Format::Xml).await
}

/// Where in the document the next item goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Outside,
    Users,
    Groups,
}

struct Encoder(Section);

impl Encoder {
    fn end_membership(&mut self, out: &mut String) {
        out.push_str(match self.0 {
            Section::Outside => "",
            Section::Users => "</users><groups></groups></membership>",
            Section::Groups => "</groups></membership>",
        });
        self.0 = Section::Outside;
    }

    fn child(&mut self, out: &mut String, name: &str) {
        if self.0 == Section::Users {
            out.push_str("</users><groups>");
            self.0 = Section::Groups;
        }
        empty_element(out, "<group", name);
    }
}

fn empty_element(out: &mut String, tag: &str, name: &str) {
    out.push_str(tag);
    xml::attribute(out, "name", name);
    out.push_str("/>");
}

impl Encode for Encoder {
    type Item = MembershipItem;

    fn open(&mut self, out: &mut String) {
        out.push_str(xml::DECLARATION);
        out.push_str("<memberships>");
    }

    fn item(&mut self, out: &mut String, item: &MembershipItem) {
        match item {
            MembershipItem::Group(name) => {
                self.end_membership(out);
                out.push_str("<membership");
                xml::attribute(out, "group", name);
                out.push_str("><users>");
                self.0 = Section::Users;
            }
            MembershipItem::User(name) => empty_element(out, "<user", name),
            MembershipItem::Child(name) => self.child(out, name),
        }
    }

    fn close(&mut self, out: &mut String) {
        self.end_membership(out);
        out.push_str("</memberships>");
    }
}

#[cfg(test)]
mod tests {
    use super::{super::stream::encode_all, *};

    #[test]
    fn every_group_has_both_lists() {
        use MembershipItem::{Child, Group, User};
        let items = [
            Group("a&b".to_owned()),
            User("u1".to_owned()),
            User("u2".to_owned()),
            Child("c".to_owned()),
            Child("d".to_owned()),
            Group("empty".to_owned()),
            Group("c".to_owned()),
            Child("d".to_owned()),
            Group("d".to_owned()),
            User("u1".to_owned()),
        ];
        let expect = "<memberships>\
            <membership group=\"a&amp;b\"><users><user name=\"u1\"/><user name=\"u2\"/></users>\
            <groups><group name=\"c\"/><group name=\"d\"/></groups></membership>\
            <membership group=\"empty\"><users></users><groups></groups></membership>\
            <membership group=\"c\"><users></users><groups><group name=\"d\"/></groups>\
            </membership>\
            <membership group=\"d\"><users><user name=\"u1\"/></users><groups></groups>\
            </membership></memberships>";
        let document = encode_all(Encoder(Section::Outside), &items);
        assert_eq!(document.strip_prefix(xml::DECLARATION), Some(expect));
        let none = encode_all(Encoder(Section::Outside), &[]);
        assert_eq!(
            none.strip_prefix(xml::DECLARATION),
            Some("<memberships></memberships>")
        );
    }
}
