import Testing
@testable import ElkGateway
