import GRDB
package enum PlaceholderStorage {}
