//! Enumerations of the contract: their WIT names, and what generated bindings need of them.

/// Declares an enumeration of the contract: each case with its WIT name.
macro_rules! contract_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $(#[$case_meta:meta])* $case:ident = $text:literal, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "wire", derive(
            wasmtime::component::ComponentType,
            wasmtime::component::Lift,
            wasmtime::component::Lower,
        ))]
        #[cfg_attr(feature = "wire", component(enum))]
        #[repr(u8)]
        pub enum $name {
            $(
                $(#[$case_meta])*
                #[cfg_attr(feature = "wire", component(name = $text))]
                $case,
            )+
        }

        impl $name {
            /// Every case, in the contract's order.
            pub const ALL: &'static [Self] = &[$(Self::$case),+];

            /// The contract's name for it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$case => $text,)+
                }
            }

            /// The case of that name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($text => Some(Self::$case),)+
                    _ => None,
                }
            }

            /// What wit-bindgen's generated code calls for an enumeration that it didn't generate itself.
            #[cfg(target_family = "wasm")]
            #[doc(hidden)]
            // The host has checked the discriminant: the component model traps on one out of range.
            #[allow(clippy::indexing_slicing)]
            pub fn _lift(discriminant: u8) -> Self {
                Self::ALL[usize::from(discriminant)]
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::from_name(&name)
                    .ok_or_else(|| serde::de::Error::unknown_variant(&name, &[$($text),+]))
            }
        }
    };
}
