//! The two JSON shapes that policy documents have and serde does not: one or many, and an object without duplicates.
//!
//! Both go straight from the text to their type. A detour through a map would let the last of two equal members win in
//! silence, and a policy that two readers read differently is worse than none.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{
        Error, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer},
    },
};

/// A value, or a list of at least one.
pub(super) struct OneOrMany<T>(pub(super) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Shape<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Shape<T> {
            type Value = OneOrMany<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a value or a list of values")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                T::deserialize(StrDeserializer::new(text)).map(|one| OneOrMany(vec![one]))
            }

            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(object)).map(|one| OneOrMany(vec![one]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
                let many = Vec::<T>::deserialize(SeqAccessDeserializer::new(list))?;
                if many.is_empty() {
                    return Err(A::Error::custom("a list must not be empty"));
                }
                Ok(OneOrMany(many))
            }
        }

        deserializer.deserialize_any(Shape(PhantomData))
    }
}

/// The members of an object, in order, with no name twice.
pub(super) struct Members<T>(pub(super) Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Members<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Shape<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Shape<T> {
            type Value = Members<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
                let mut members: Vec<(String, T)> = Vec::new();
                while let Some(name) = object.next_key::<String>()? {
                    if members.iter().any(|(earlier, _)| earlier.eq_ignore_ascii_case(&name)) {
                        return Err(A::Error::custom(format_args!("{name} appears twice")));
                    }
                    members.push((name, object.next_value()?));
                }
                if members.is_empty() {
                    return Err(A::Error::custom("an object must not be empty"));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Shape(PhantomData))
    }
}
