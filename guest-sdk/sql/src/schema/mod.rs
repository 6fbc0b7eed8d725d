//! Tables themselves: what makes them, changes them, and says what they are.

mod native;

pub use native::NativeType;
