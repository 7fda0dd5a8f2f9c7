//! The log, counts and views.

use std::sync::Arc;

use super::Directory;
use crate::{
    DirectoryError,
    application::Application,
    change::{Change, Position},
    view::View,
};

impl Directory {
    /// The directory as this application sees it.
    pub fn view(&self, application: &Arc<Application>) -> View {
        View::new(self.clone(), Arc::clone(application))
    }

    /// Counts for `tenant show`: users, groups, memberships.
    ///
    /// # Errors
    /// `NotFound` if there is no such tenant.
    pub async fn counts(&self, slug: &str) -> Result<(u64, u64, u64), DirectoryError> {
        let tenant = self.tenant(slug).await?;
        let counts = self.store().counts(tenant.id).await?;
        Ok((counts.users, counts.groups, counts.memberships))
    }

    /// The end of the log.
    pub async fn head(&self) -> Result<Position, DirectoryError> {
        Ok(self.store().head().await?.position())
    }

    /// Changes after `position`, in order, at most `limit`. The epoch of `position` plays no part:
    /// numbers go on through a change of epoch.
    pub async fn changes_after(
        &self,
        position: Position,
        limit: usize,
    ) -> Result<Vec<Change>, DirectoryError> {
        self.store().changes_after(position.number, limit).await
    }

    /// Resolves when the log has grown past `position` (by this process or another one). As in
    /// [`Directory::changes_after`], the number decides: entries keep the epoch they were written
    /// in, so the last one may belong to an older epoch than the log has now.
    ///
    /// # Errors
    /// `Unavailable` when the directory is closed.
    pub async fn wait_past(&self, position: Position) -> Result<(), DirectoryError> {
        let mut news = self.store().watch();
        let is_past =
            |known: &Option<Position>| known.is_none_or(|known| known.number > position.number);
        match news.wait_for(is_past).await.as_deref() {
            Ok(Some(_)) => Ok(()),
            Ok(None) | Err(_) => Err(DirectoryError::Unavailable(
                "the directory is closed".to_owned(),
            )),
        }
    }

    /// Reads the whole log and checks numbers, chain and head.
    ///
    /// # Errors
    /// `Invalid`; the text says what is wrong.
    pub async fn verify_log(&self) -> Result<Position, DirectoryError> {
        self.store().verify_log().await
    }
}
