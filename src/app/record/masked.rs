//! Anything that can be serialized, with its texts masked on the way. What is no text stays: names
//! of fields and variants, numbers, ids, and the few fields that are listed here. A field that is
//! new is masked until somebody says that it is no text.

use serde::ser::{self, Serialize, Serializer};

use crate::domain::mask::Mask;

/// Fields (and variants) whose text is none: ids and words of ours.
const KEPT: [&str; 21] = [
    "id",
    "update",
    "profile",
    "profiles",
    "remote",
    "queues",
    "rest",
    "Rest",
    "key",
    "keys",
    "command",
    "event",
    "service",
    "timezone",
    "zone",
    "when",
    "version",
    "days",
    "times",
    "connection",
    "connections",
];
/// Things of which nothing is a person's text.
const KEPT_WHOLE: [&str; 2] = ["Terminal", "TmuxSays"];

/// A value whose texts are masked when it is serialized.
pub(super) struct Masked<'a, T: ?Sized> {
    value: &'a T,
    mask: &'a Mask,
    keeps: bool,
}

impl<'a, T: ?Sized> Masked<'a, T> {
    pub(super) fn new(value: &'a T, mask: &'a Mask) -> Self {
        let keeps = false;
        Self { value, mask, keeps }
    }
}

impl<T: Serialize + ?Sized> Serialize for Masked<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(Masking {
            inner: serializer,
            mask: self.mask,
            keeps: self.keeps,
        })
    }
}

/// Ids of ours and of the API, wherever they stand.
fn is_id(text: &str) -> bool {
    let ours = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase();
    let theirs = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    match text.len() {
        26 => text.as_bytes()[0].is_ascii_digit() && text.bytes().all(ours),
        24 => text.bytes().all(theirs),
        _ => false,
    }
}

struct Masking<'m, S> {
    inner: S,
    mask: &'m Mask,
    /// Whether a text here is none.
    keeps: bool,
}

/// The parts of something.
pub(super) struct Parts<'m, C> {
    inner: C,
    mask: &'m Mask,
    keeps: bool,
    /// Whose fields they are.
    owner: &'static str,
    /// The last key of a map.
    key: bool,
}

impl<'m, S: Serializer> Masking<'m, S> {
    fn parts<C>(
        self,
        owner: &'static str,
        keeps: bool,
        open: impl FnOnce(S) -> Result<C, S::Error>,
    ) -> Result<Parts<'m, C>, S::Error> {
        Ok(Parts {
            inner: open(self.inner)?,
            mask: self.mask,
            keeps,
            owner,
            key: false,
        })
    }
}

impl<'m, C> Parts<'m, C> {
    fn masked<'v, T: ?Sized>(&self, value: &'v T) -> Masked<'v, T>
    where
        'm: 'v,
    {
        let (mask, keeps) = (self.mask, self.keeps);
        Masked { value, mask, keeps }
    }

    fn field<'v, T: ?Sized>(&self, name: &str, value: &'v T) -> Masked<'v, T>
    where
        'm: 'v,
    {
        let keeps = KEPT.contains(&name) || KEPT_WHOLE.contains(&self.owner);
        let mask = self.mask;
        Masked { value, mask, keeps }
    }
}

/// Hands simple values on as they are.
macro_rules! as_it_is {
    ($($name:ident: $type:ty),*) => {
        $(fn $name(self, value: $type) -> Result<S::Ok, S::Error> {
            self.inner.$name(value)
        })*
    };
}

impl<'m, S: Serializer> Serializer for Masking<'m, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Parts<'m, S::SerializeSeq>;
    type SerializeTuple = Parts<'m, S::SerializeTuple>;
    type SerializeTupleStruct = Parts<'m, S::SerializeTupleStruct>;
    type SerializeTupleVariant = Parts<'m, S::SerializeTupleVariant>;
    type SerializeMap = Parts<'m, S::SerializeMap>;
    type SerializeStruct = Parts<'m, S::SerializeStruct>;
    type SerializeStructVariant = Parts<'m, S::SerializeStructVariant>;

    as_it_is! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32,
        serialize_i64: i64, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32,
        serialize_u64: u64, serialize_f32: f32, serialize_f64: f64, serialize_unit_struct: &'static str
    }

    fn serialize_char(self, value: char) -> Result<S::Ok, S::Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<S::Ok, S::Error> {
        if self.keeps || is_id(text) {
            self.inner.serialize_str(text)
        } else {
            self.inner.serialize_str(&self.mask.text(text))
        }
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<S::Ok, S::Error> {
        Err(ser::Error::custom("bytes are in no action"))
    }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.inner.serialize_none()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        let (mask, keeps) = (self.mask, self.keeps);
        self.inner.serialize_some(&Masked { value, mask, keeps })
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.inner.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<S::Ok, S::Error> {
        self.inner.serialize_unit_variant(name, index, variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let (mask, keeps) = (self.mask, self.keeps);
        let value = Masked { value, mask, keeps };
        self.inner.serialize_newtype_struct(name, &value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let keeps = KEPT.contains(&variant);
        let mask = self.mask;
        let value = Masked { value, mask, keeps };
        self.inner
            .serialize_newtype_variant(name, index, variant, &value)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        let keeps = self.keeps;
        self.parts("", keeps, |inner| inner.serialize_seq(len))
    }

    fn serialize_tuple(self, len: usize) -> Result<Self::SerializeTuple, S::Error> {
        let keeps = self.keeps;
        self.parts("", keeps, |inner| inner.serialize_tuple(len))
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleStruct, S::Error> {
        let keeps = self.keeps;
        self.parts(name, keeps, |inner| inner.serialize_tuple_struct(name, len))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        self.parts(variant, KEPT.contains(&variant), |inner| {
            inner.serialize_tuple_variant(name, index, variant, len)
        })
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        self.parts("", false, |inner| inner.serialize_map(len))
    }

    fn serialize_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStruct, S::Error> {
        self.parts(name, false, |inner| inner.serialize_struct(name, len))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        self.parts(variant, false, |inner| {
            inner.serialize_struct_variant(name, index, variant, len)
        })
    }
}

/// The elements of what has no names.
macro_rules! elements {
    ($($part:ident: $method:ident),*) => {
        $(impl<C: ser::$part> ser::$part for Parts<'_, C> {
            type Ok = C::Ok;
            type Error = C::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
                let value = self.masked(value);
                self.inner.$method(&value)
            }

            fn end(self) -> Result<C::Ok, C::Error> {
                self.inner.end()
            }
        })*
    };
}

elements! {
    SerializeSeq: serialize_element, SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field, SerializeTupleVariant: serialize_field
}

/// The fields of what has names.
macro_rules! fields {
    ($($part:ident),*) => {
        $(impl<C: ser::$part> ser::$part for Parts<'_, C> {
            type Ok = C::Ok;
            type Error = C::Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), C::Error> {
                let value = self.field(key, value);
                self.inner.serialize_field(key, &value)
            }

            fn skip_field(&mut self, key: &'static str) -> Result<(), C::Error> {
                self.inner.skip_field(key)
            }

            fn end(self) -> Result<C::Ok, C::Error> {
                self.inner.end()
            }
        })*
    };
}

fields! { SerializeStruct, SerializeStructVariant }

/// Keys of maps are names, as of numbers; a thing whose parts are flattened is a map too.
impl<C: ser::SerializeMap> ser::SerializeMap for Parts<'_, C> {
    type Ok = C::Ok;
    type Error = C::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), C::Error> {
        let name = serde_json::to_value(key).map_err(ser::Error::custom)?;
        self.key = name.as_str().is_some_and(|name| KEPT.contains(&name));
        self.inner.serialize_key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
        let (mask, keeps) = (self.mask, self.key);
        self.inner.serialize_value(&Masked { value, mask, keeps })
    }

    fn end(self) -> Result<C::Ok, C::Error> {
        self.inner.end()
    }
}
