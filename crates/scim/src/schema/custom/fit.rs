//! Whether values that are stored already follow a schema that is loaded later.

use crate::{
    Resource,
    profile::STRICT,
    schema::Schema,
    validate::{ReadOnly, Reader, Spot},
};

/// What is wrong with the first stored value of the schema's container that the schema would not
/// have let in; `None` when all fit. Values whose attribute the schema does not have are not shown
/// and do no harm.
pub fn unfit(schema: &'static Schema, resource: &Resource) -> Option<String> {
    let values = resource.attributes().get(schema.id)?.as_object()?;
    let mut reader = Reader::new(&STRICT, ReadOnly::Skip);
    values.iter().find_map(|(key, value)| {
        let def = schema.attribute(key)?;
        match reader.attribute(Spot::top(def), value.clone()) {
            Ok(Some(read)) if read == *value => None,
            Ok(_) => Some(format!("{} would read otherwise.", def.name)),
            Err(error) => Some(error.detail().to_owned()),
        }
    })
}
