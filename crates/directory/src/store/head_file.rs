//! The second place where the head of the log is kept: a small file beside the database.
//!
//! A database that lost its last changes can look sound in itself; the file knows better. Two
//! slots are written in turn, so a torn write costs one commit of knowledge and never the file.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use sha2::{Digest, Sha256};

use crate::log::Head;

const MAGIC: [u8; 8] = *b"pvsthead";
const SLOT: usize = 8 + 8 + 8 + 32 + 16;

/// The open file.
#[derive(Debug)]
pub(crate) struct HeadFile {
    file: File,
    next_slot: u64,
    is_dirty: bool,
}

impl HeadFile {
    /// Opens the file, making it if absent, and reads the newest head in it.
    pub(crate) fn open(path: &Path) -> io::Result<(Self, Option<Head>)> {
        let file = super::sql::sqlite::files::open_private(path)?;
        let mut bytes = Vec::new();
        (&file).take(2 * SLOT as u64).read_to_end(&mut bytes)?;
        let slots: Vec<_> = bytes.chunks(SLOT).map(decode).collect();
        let newest = slots
            .iter()
            .enumerate()
            .filter_map(|(slot, head)| Some((slot, (*head)?)))
            .max_by_key(|(_, head)| (head.epoch, head.number));
        let opened = Self {
            file,
            next_slot: u64::from(matches!(newest, Some((0, _)))),
            is_dirty: false,
        };
        Ok((opened, newest.map(|(_, head)| head)))
    }

    /// Writes a head, without waiting for the disk.
    pub(crate) fn write(&mut self, head: &Head) -> io::Result<()> {
        self.file
            .seek(SeekFrom::Start(self.next_slot * SLOT as u64))?;
        self.file.write_all(&encode(head))?;
        self.next_slot = 1 - self.next_slot;
        self.is_dirty = true;
        Ok(())
    }

    /// Waits for the disk, if there is anything to wait for.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        if self.is_dirty {
            self.file.sync_data()?;
            self.is_dirty = false;
        }
        Ok(())
    }
}

fn encode(head: &Head) -> Vec<u8> {
    let mut record = Vec::with_capacity(SLOT);
    record.extend(MAGIC);
    record.extend(head.epoch.to_be_bytes());
    record.extend(head.number.to_be_bytes());
    record.extend(head.hash);
    let check: [u8; 32] = Sha256::digest(&record).into();
    record.extend(check.iter().take(16));
    record
}

fn decode(record: &[u8]) -> Option<Head> {
    let (magic, rest) = record.split_first_chunk::<8>()?;
    let (epoch, rest) = rest.split_first_chunk::<8>()?;
    let (number, rest) = rest.split_first_chunk::<8>()?;
    let hash = rest.first_chunk::<32>()?;
    let head = Head {
        epoch: u64::from_be_bytes(*epoch),
        number: u64::from_be_bytes(*number),
        hash: *hash,
    };
    (*magic == MAGIC && encode(&head) == record).then_some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(number: u64) -> Head {
        Head {
            epoch: 3,
            number,
            hash: [number.to_be_bytes()[7]; 32],
        }
    }

    #[test]
    fn the_newest_sound_record_is_read() {
        let dir = crate::testing::TempDir::new();
        let path = dir.path().join("head");
        let (mut file, found) = HeadFile::open(&path).unwrap();
        assert_eq!(found, None);
        for number in 1..=5 {
            file.write(&head(number)).unwrap();
        }
        file.sync().unwrap();
        assert_eq!(HeadFile::open(&path).unwrap().1, Some(head(5)));

        let mut bytes = std::fs::read(&path).unwrap();
        bytes[20] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        let (mut reopened, found) = HeadFile::open(&path).unwrap();
        assert_eq!(found, Some(head(4)), "the torn record is the newest one");
        reopened.write(&head(6)).unwrap();
        assert_eq!(HeadFile::open(&path).unwrap().1, Some(head(6)));

        std::fs::write(&path, b"short").unwrap();
        assert_eq!(HeadFile::open(&path).unwrap().1, None);
    }
}
