import Testing
@testable import ElkProviders
