package pipeline

import (
	"fmt"
	"reflect"
	"testing"
	"unsafe"

	"kaishu/scoring"
)

// Rows that were spilled are read into memory that the next shard's rows overwrite: no text of an account that stays may lie there.
// A field that is new is found by reflection.
func TestNoTextOfAnAccountStaysInItsRows(t *testing.T) {
	var account scoring.Account
	var texts []*string
	room := make([]byte, 0, 1<<16)
	var fill func(v reflect.Value)
	fill = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			from := len(room)
			room = fmt.Appendf(room, "text %d", len(texts))
			v.SetString(unsafe.String(&room[from], len(room)-from))
			texts = append(texts, v.Addr().Interface().(*string))
		case reflect.Struct:
			for i := range v.NumField() {
				if name := v.Type().Field(i).Name; v.Field(i).CanSet() && name != "Landmarks" && name != "Windows" && name != "Kind" { // taken off before, and a word of our own
					fill(v.Field(i))
				}
			}
		case reflect.Array:
			for i := range v.Len() {
				fill(v.Index(i))
			}
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0))
		case reflect.Pointer:
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem())
		}
	}
	fill(reflect.ValueOf(&account).Elem())
	if len(texts) < 17 || account.Placed == nil {
		t.Fatalf("%d texts filled in", len(texts))
	}
	var a arena
	a.account(&account)
	a.settle()
	clear(room)
	for i, s := range texts {
		if want := fmt.Sprintf("text %d", i); *s != want {
			t.Errorf("text %d is %q after its rows were overwritten", i, *s)
		}
	}
}
