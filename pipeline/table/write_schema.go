package table

import (
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	pq "github.com/parquet-go/parquet-go/format"
)

// physical is the Parquet type that holds a column.
func (t OutType) physical() pq.Type {
	switch t {
	case OutString:
		return pq.ByteArray
	case OutDate, OutInt32:
		return pq.Int32
	case OutDouble:
		return pq.Double
	case OutBool:
		return pq.Boolean
	default:
		return pq.Int64
	}
}

// schemaElements is the schema of a file: a root and one leaf per column. The converted
// types repeat the logical ones for older readers.
func schemaElements(columns []OutColumn) []pq.SchemaElement {
	elements := []pq.SchemaElement{{Name: "kaishu", NumChildren: thrift.New(int32(len(columns)))}}
	for _, c := range columns {
		e := pq.SchemaElement{Name: c.Name, Type: thrift.New(c.Type.physical()), RepetitionType: thrift.New(pq.Required)}
		if c.Null {
			e.RepetitionType = thrift.New(pq.Optional)
		}
		switch c.Type {
		case OutString:
			e.LogicalType.Value = &pq.StringType{}
			e.ConvertedType = thrift.New(deprecated.UTF8)
		case OutDate:
			e.LogicalType.Value = &pq.DateType{}
			e.ConvertedType = thrift.New(deprecated.Date)
		case OutDecimal:
			e.LogicalType.Value = &pq.DecimalType{Scale: int32(c.Scale), Precision: outDigits}
			e.ConvertedType = thrift.New(deprecated.Decimal)
			e.Scale, e.Precision = thrift.New(int32(c.Scale)), thrift.New(int32(outDigits))
		}
		elements = append(elements, e)
	}
	return elements
}
