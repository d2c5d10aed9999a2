/// Catalogue, download and storage of model weights.
enum ModelCatalogue {}
