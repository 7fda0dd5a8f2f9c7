-- With what cursors are authenticated; made when the first one is asked for.
ALTER TABLE registry ADD COLUMN cursor_key BLOB;
