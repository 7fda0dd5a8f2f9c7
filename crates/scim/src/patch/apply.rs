//! Operations on the attribute bag.
