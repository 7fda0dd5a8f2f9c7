-- How clients present the secret of a token: `bearer`, `basic`, or `header` with its name.
ALTER TABLE tokens ADD COLUMN form TEXT NOT NULL DEFAULT 'bearer';
ALTER TABLE tokens ADD COLUMN header TEXT;
