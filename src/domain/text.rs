//! Links, mentions and hashtags in a text, and the normal form in which two texts are the same.
