//! The registry's snapshot in memory, renewed when the store says that it is old.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use super::Directory;
use crate::{DirectoryError, registry::Registry};

/// How long a snapshot is used without a question to the store. Changes by other processes are
/// seen within it.
const FRESH: Duration = Duration::from_millis(250);
/// How old a snapshot may be by which a secret is refused: whoever has just been given one must not
/// hear that it is wrong, and whoever guesses must not make the store work.
const FRESH_TO_REFUSE: Duration = Duration::from_millis(5);

#[derive(Debug, Default)]
pub(super) struct RegistryCache(RwLock<Option<(Arc<Registry>, Instant)>>);

impl RegistryCache {
    fn get(&self) -> Option<(Arc<Registry>, Instant)> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Keeps what was asked for at this instant, unless somebody who asked later was faster.
    fn set(&self, registry: Arc<Registry>, asked: Instant) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.as_ref().is_none_or(|(_, last)| *last <= asked) {
            *known = Some((registry, asked));
        }
    }
}

impl Directory {
    /// Tenants, tokens and applications, at most [`FRESH`] old.
    pub(crate) async fn registry(&self) -> Result<Arc<Registry>, DirectoryError> {
        self.registry_within(FRESH).await
    }

    /// As [`Directory::registry`], fresh enough to refuse a secret that is not in it.
    pub(super) async fn registry_to_refuse(&self) -> Result<Arc<Registry>, DirectoryError> {
        self.registry_within(FRESH_TO_REFUSE).await
    }

    async fn registry_within(&self, fresh: Duration) -> Result<Arc<Registry>, DirectoryError> {
        let asked = Instant::now();
        let Some((known, last)) = self.inner.registry.get() else {
            return self.renewed_registry().await;
        };
        if asked.duration_since(last) < fresh {
            return Ok(known);
        }
        if self.inner.store.generation().await? != known.generation {
            return self.renewed_registry().await;
        }
        self.inner.registry.set(Arc::clone(&known), asked);
        Ok(known)
    }

    /// The registry as it is now.
    pub(crate) async fn renewed_registry(&self) -> Result<Arc<Registry>, DirectoryError> {
        let asked = Instant::now();
        let registry = Arc::new(self.inner.store.registry().await?);
        self.inner.registry.set(Arc::clone(&registry), asked);
        Ok(registry)
    }
}
