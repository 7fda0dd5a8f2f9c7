//! What people, jobs and groups are called: data only.
//!
//! Each name comes as it is written and as it stands in an account name. Letters outside ASCII, an
//! apostrophe, a plus sign and an ampersand are in it on purpose: they are where lookups break.

/// A name and its form in an account name.
pub(super) type Spelled = (&'static str, &'static str);

/// Given names.
pub(super) const GIVEN: &[Spelled] = &[
    ("Amara", "amara"),
    ("Anders", "anders"),
    ("Beatriz", "beatriz"),
    ("Chidi", "chidi"),
    ("Eleni", "eleni"),
    ("Farid", "farid"),
    ("Greta", "greta"),
    ("Hiro", "hiro"),
    ("Ingrid", "ingrid"),
    ("José", "jose"),
    ("Kavya", "kavya"),
    ("Lena", "lena"),
    ("Mateo", "mateo"),
    ("Noor", "noor"),
    ("Olga", "olga"),
    ("Pavel", "pavel"),
    ("René", "rene"),
    ("Søren", "soren"),
    ("Tess", "tess"),
    ("Yuki", "yuki"),
];

/// Family names.
pub(super) const FAMILY: &[Spelled] = &[
    ("Andersen", "andersen"),
    ("Brandt", "brandt"),
    ("Çelik", "celik"),
    ("Dubois", "dubois"),
    ("Fernández", "fernandez"),
    ("Groß", "gross"),
    ("Haddad", "haddad"),
    ("Iyer", "iyer"),
    ("Kowalska", "kowalska"),
    ("Lindqvist", "lindqvist"),
    ("Müller", "mueller"),
    ("Nakamura", "nakamura"),
    ("O'Brien", "o'brien"),
    ("Okafor", "okafor"),
    ("Papadopoulou", "papadopoulou"),
    ("Rossi", "rossi"),
    ("Solberg", "solberg"),
    ("Tanaka", "tanaka"),
    ("van der Berg", "vanderberg"),
    ("Zhang", "zhang"),
];

/// Departments.
pub(super) const DEPARTMENTS: &[&str] = &[
    "Customer Care",
    "Engineering",
    "Finance",
    "Legal",
    "Operations",
    "R&D",
    "Sales",
];

/// Job titles.
pub(super) const TITLES: &[&str] = &[
    "Accountant",
    "Analyst",
    "Consultant",
    "Engineer",
    "Lead",
    "Manager",
    "Staff Engineer",
];

/// What groups are for.
pub(super) const TEAMS: &[&str] = &[
    "Everyone",
    "Jira Users",
    "Confluence Editors",
    "R&D",
    "Zürich Office",
    "Release Managers",
    "Bitbucket Developers",
    "Auditors",
];

/// What is put behind the name of a group when it is renamed.
pub(super) const SUFFIXES: &[&str] = &["EMEA", "(new)", "2027", "& Partners"];
