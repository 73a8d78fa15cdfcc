package table

import (
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	pq "github.com/parquet-go/parquet-go/format"
)

// class is what the values of a column of a file are, whatever holds them.
type class uint8

const (
	classOther   class = iota
	classText          // BYTE_ARRAY or FIXED_LEN_BYTE_ARRAY of UTF-8
	classInt           // INT32 and INT64, signed or not
	classDecimal       // DECIMAL in integers or in bytes
	classDouble        // DOUBLE and FLOAT
	classBool
	classDay  // DATE
	classTime // TIMESTAMP, and the older INT96
)

// readAs are the types of the schema that a class can be read as.
func (c class) readAs() []Type {
	switch c {
	case classText:
		return []Type{String, Date, Decimal, Int, Float, Bool}
	case classInt, classDecimal, classDouble:
		return []Type{String, Decimal, Int, Float, Bool}
	case classBool:
		return []Type{String, Bool}
	case classDay, classTime:
		return []Type{Date}
	}
	return nil
}

// leaf is a column of a Parquet file that is read.
type leaf struct {
	name     string
	at       int // among the leaves of the file
	optional bool
	class    class
	kind     parquet.Kind
	size     int   // bytes of a FIXED_LEN_BYTE_ARRAY
	unsigned bool  // of classInt
	scale    int   // decimals of classDecimal
	perDay   int64 // ticks of classTime
}

// classify fills in what the values of a type are.
func (l *leaf) classify(t parquet.Type) {
	l.kind, l.size = t.Kind(), t.Length()
	var logical pq.LogicalTypeValue
	if lt := t.LogicalType(); lt != nil {
		logical = lt.Value
	}
	switch lt := logical.(type) {
	case nil:
		l.class = map[parquet.Kind]class{
			parquet.Boolean: classBool, parquet.Float: classDouble, parquet.Double: classDouble,
			parquet.Int32: classInt, parquet.Int64: classInt, parquet.Int96: classTime,
			parquet.ByteArray: classText, parquet.FixedLenByteArray: classText,
		}[l.kind]
		if c := t.ConvertedType(); c != nil && *c == deprecated.Interval {
			l.class = classOther
		}
	case *pq.StringType, *pq.EnumType, *pq.JsonType:
		l.class = classText
	case *pq.IntType:
		l.class, l.unsigned = classInt, !lt.IsSigned
	case *pq.DateType:
		l.class = classDay
	case *pq.TimestampType:
		const daySeconds = 86400
		l.class = classTime
		switch lt.Unit.Value.(type) {
		case *pq.MilliSeconds:
			l.perDay = daySeconds * 1e3
		case *pq.MicroSeconds:
			l.perDay = daySeconds * 1e6
		case *pq.NanoSeconds:
			l.perDay = daySeconds * 1e9
		default:
			l.class = classOther
		}
	case *pq.DecimalType:
		if l.class, l.scale = classDecimal, int(lt.Scale); l.scale < 0 || l.scale > 76 {
			l.class = classOther
		}
	}
	l.check()
}

// check drops a class that the physical type cannot hold: the logical type of a damaged
// file may say anything.
func (l *leaf) check() {
	var fits bool
	switch l.kind {
	case parquet.Int32:
		fits = l.class == classInt || l.class == classDecimal || l.class == classDay
	case parquet.Int64:
		fits = l.class == classInt || l.class == classDecimal || l.class == classTime
	case parquet.Int96:
		fits = l.class == classTime
	case parquet.Float, parquet.Double:
		fits = l.class == classDouble
	case parquet.Boolean:
		fits = l.class == classBool
	case parquet.ByteArray, parquet.FixedLenByteArray:
		fits = l.class == classText || l.class == classDecimal
	}
	if !fits {
		l.class = classOther
	}
}
