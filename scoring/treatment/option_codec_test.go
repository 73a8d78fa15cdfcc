package treatment

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

// Whatever fields an option has, or gets one day, come back, be they as in the option before or not.
func TestOptionsComeBackFromTheirBytes(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 2))
	pick := func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			v.SetString([]string{"", "a", "得意先"}[draw.IntN(3)])
		case reflect.Float64:
			v.SetFloat([]float64{0, .5, -3e9, math.Copysign(0, -1)}[draw.IntN(4)])
		case reflect.Int, reflect.Int64:
			v.SetInt([]int64{0, 1, 2, -1, math.MinInt64}[draw.IntN(5)])
		default:
			t.Fatalf("options have fields of kind %s, which this test does not fill", v.Kind())
		}
	}
	for range 2000 {
		var options []Option
		for range draw.IntN(6) {
			var o Option
			for i := range reflect.TypeFor[Option]().NumField() {
				pick(reflect.ValueOf(&o).Elem().Field(i))
			}
			options = append(options, o)
		}
		data := append(AppendOptions(nil, options), "rest"...)
		got, rest, err := ReadOptions(data, nil)
		if err != nil || string(rest) != "rest" || !reflect.DeepEqual(got, options) {
			t.Fatalf("got %+v, %q, %v\nwant %+v", got, rest, err, options)
		}
		for end := range len(data) - len("rest") {
			if _, _, err := ReadOptions(data[:end], nil); err == nil {
				t.Fatalf("%d of %d bytes make options", end, len(data))
			}
		}
	}
}
