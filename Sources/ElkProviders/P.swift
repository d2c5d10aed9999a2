package enum PlaceholderProviders {}
