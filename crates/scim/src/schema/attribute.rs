//! One attribute and its characteristics (RFC 7643 sections 2.2, 2.3 and 7).

/// Data types of RFC 7643 section 2.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeType {
    /// Unicode text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A number with a fraction.
    Decimal,
    /// A number without fraction or exponent.
    Integer,
    /// An `xsd:dateTime`.
    DateTime,
    /// Base64 text.
    Binary,
    /// A URI.
    Reference,
    /// Sub-attributes.
    Complex,
}

impl AttributeType {
    /// The keyword in `/Schemas`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Decimal => "decimal",
            Self::Integer => "integer",
            Self::DateTime => "dateTime",
            Self::Binary => "binary",
            Self::Reference => "reference",
            Self::Complex => "complex",
        }
    }
}

/// Who may change an attribute, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutability {
    /// Only the server.
    ReadOnly,
    /// The client, at any time.
    ReadWrite,
    /// The client, once.
    Immutable,
    /// The client; never returned.
    WriteOnly,
}

impl Mutability {
    /// The keyword in `/Schemas`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "readOnly",
            Self::ReadWrite => "readWrite",
            Self::Immutable => "immutable",
            Self::WriteOnly => "writeOnly",
        }
    }
}

/// When an attribute is part of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// Always, whatever the projection says.
    Always,
    /// Never.
    Never,
    /// Unless the projection leaves it out.
    Default,
    /// Only when named, or sent in the same request.
    Request,
}

impl Returned {
    /// The keyword in `/Schemas`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Never => "never",
            Self::Default => "default",
            Self::Request => "request",
        }
    }
}

/// Within what a value is unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uniqueness {
    /// Nowhere.
    None,
    /// Within the tenant.
    Server,
    /// Everywhere.
    Global,
}

impl Uniqueness {
    /// The keyword in `/Schemas`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Server => "server",
            Self::Global => "global",
        }
    }
}

/// One row of a schema table.
///
/// Made by a constructor for its type, which sets the defaults of RFC 7643 section 2.2, and then
/// the differences:
///
/// ```
/// use provost_scim::schema::AttributeDef;
/// const NAME: AttributeDef = AttributeDef::string("userName", "Unique name.").required();
/// assert!(NAME.required && !NAME.case_exact);
/// ```
#[derive(Debug)]
pub struct AttributeDef {
    /// The name in the spelling of answers.
    pub name: &'static str,
    /// The data type.
    pub kind: AttributeType,
    /// Whether it holds a list.
    pub multi_valued: bool,
    /// What it is, for `/Schemas`.
    pub description: &'static str,
    /// Whether a resource must have it.
    pub required: bool,
    /// Suggested values; others are accepted.
    pub canonical_values: &'static [&'static str],
    /// Whether comparisons see letter case.
    pub case_exact: bool,
    /// Who may change it.
    pub mutability: Mutability,
    /// When it is returned.
    pub returned: Returned,
    /// Within what it is unique.
    pub uniqueness: Uniqueness,
    /// What a reference may point to.
    pub reference_types: &'static [&'static str],
    /// Sub-attributes of a complex attribute.
    pub sub_attributes: &'static [AttributeDef],
}

impl AttributeDef {
    const fn new(name: &'static str, description: &'static str, kind: AttributeType) -> Self {
        Self {
            name,
            kind,
            multi_valued: false,
            description,
            required: false,
            canonical_values: &[],
            case_exact: matches!(kind, AttributeType::Reference | AttributeType::Binary),
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            reference_types: &[],
            sub_attributes: &[],
        }
    }

    /// Text.
    pub const fn string(name: &'static str, description: &'static str) -> Self {
        Self::new(name, description, AttributeType::String)
    }

    /// `true` or `false`.
    pub const fn boolean(name: &'static str, description: &'static str) -> Self {
        Self::new(name, description, AttributeType::Boolean)
    }

    /// A whole number.
    pub const fn integer(name: &'static str, description: &'static str) -> Self {
        Self::new(name, description, AttributeType::Integer)
    }

    /// An instant.
    pub const fn date_time(name: &'static str, description: &'static str) -> Self {
        Self::new(name, description, AttributeType::DateTime)
    }

    /// Base64.
    pub const fn binary(name: &'static str, description: &'static str) -> Self {
        Self::new(name, description, AttributeType::Binary)
    }

    /// A URI that points to one of `types`.
    pub const fn reference(
        name: &'static str,
        description: &'static str,
        types: &'static [&'static str],
    ) -> Self {
        let mut def = Self::new(name, description, AttributeType::Reference);
        def.reference_types = types;
        def
    }

    /// A complex attribute.
    pub const fn complex(
        name: &'static str,
        description: &'static str,
        sub_attributes: &'static [AttributeDef],
    ) -> Self {
        let mut def = Self::new(name, description, AttributeType::Complex);
        def.sub_attributes = sub_attributes;
        def
    }

    /// Holds a list.
    #[must_use]
    pub const fn multi_valued(mut self) -> Self {
        self.multi_valued = true;
        self
    }

    /// A resource must have it.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Comparisons see letter case.
    #[must_use]
    pub const fn case_exact(mut self) -> Self {
        self.case_exact = true;
        self
    }

    /// Suggests values.
    #[must_use]
    pub const fn canonical(mut self, values: &'static [&'static str]) -> Self {
        self.canonical_values = values;
        self
    }

    /// Only the server changes it.
    #[must_use]
    pub const fn read_only(mut self) -> Self {
        self.mutability = Mutability::ReadOnly;
        self
    }

    /// Set once.
    #[must_use]
    pub const fn immutable(mut self) -> Self {
        self.mutability = Mutability::Immutable;
        self
    }

    /// Accepted and never returned.
    #[must_use]
    pub const fn write_only(mut self) -> Self {
        self.mutability = Mutability::WriteOnly;
        self.returned = Returned::Never;
        self
    }

    /// When it is returned.
    #[must_use]
    pub const fn returned(mut self, returned: Returned) -> Self {
        self.returned = returned;
        self
    }

    /// Within what it is unique.
    #[must_use]
    pub const fn uniqueness(mut self, uniqueness: Uniqueness) -> Self {
        self.uniqueness = uniqueness;
        self
    }

    /// The sub-attribute of that name, compared without case.
    pub fn sub_attribute(&'static self, text: &str) -> Option<&'static AttributeDef> {
        self.sub_attributes
            .iter()
            .find(|def| crate::name::same(def.name, text))
    }

    /// Whether this is a complex attribute.
    pub const fn is_complex(&self) -> bool {
        matches!(self.kind, AttributeType::Complex)
    }
}
