//! Loops around a compare-exchange, as std has written them.

/// `fetch_update`, and what it is called since Rust 1.95.
macro_rules! updates {
    ($Name:ident $(<$T:ident>)?, $Value:ty) => {
        impl $(<$T>)? $Name $(<$T>)? {
            /// Replaces the value by what `next` makes of it, again and again until no other
            /// thread has come in between.
            ///
            /// # Errors
            /// With the value, if `next` says `None`.
            ///
            /// # Panics
            /// If `load` is `Release` or `AcqRel`.
            #[track_caller]
            pub fn fetch_update(
                &self,
                store: Ordering,
                load: Ordering,
                mut next: impl FnMut($Value) -> Option<$Value>,
            ) -> Result<$Value, $Value> {
                let mut old = self.load(load);
                while let Some(new) = next(old) {
                    match self.compare_exchange_weak(old, new, store, load) {
                        Ok(was) => return Ok(was),
                        Err(is) => old = is,
                    }
                }
                Err(old)
            }

            /// [`fetch_update`](Self::fetch_update) under its newer name.
            ///
            /// # Errors
            /// With the value, if `next` says `None`.
            ///
            /// # Panics
            /// If `load` is `Release` or `AcqRel`.
            #[track_caller]
            pub fn try_update(
                &self,
                store: Ordering,
                load: Ordering,
                next: impl FnMut($Value) -> Option<$Value>,
            ) -> Result<$Value, $Value> {
                self.fetch_update(store, load, next)
            }

            /// The same with a `next` that never says no. Returns the value before.
            ///
            /// # Panics
            /// If `load` is `Release` or `AcqRel`.
            #[track_caller]
            pub fn update(
                &self,
                store: Ordering,
                load: Ordering,
                mut next: impl FnMut($Value) -> $Value,
            ) -> $Value {
                match self.fetch_update(store, load, |old| Some(next(old))) {
                    Ok(old) | Err(old) => old,
                }
            }
        }
    };
}

pub(super) use updates;
