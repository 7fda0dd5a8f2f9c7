//! The stream of changes for host programs.
use provost_directory::{DirectoryError, change::Change};
/// Every change, in order; ends when the server stops.
pub struct Changes {}
impl Iterator for Changes {
    type Item = Result<Change, DirectoryError>;
    fn next(&mut self) -> Option<Self::Item> {
        todo!()
    }
}
