package hazard

// The sample on which a large fit begins.
const (
	sampleBits  = 4       // one landmark of 16
	sampledRows = 1 << 18 // rows from which on a fit begins on a sample
)

// sample is the design of about one landmark in 16, chosen by their keys; nil where rows are few, or the sample is
// none since landmarks have the same key.
func (d *design) sample() *design {
	if len(d.kept.rows) < sampledRows {
		return nil
	}
	part := *d
	part.kept = &kept{rows: d.kept.rows}
	part.use, part.blocks = nil, []int32{0}
	rows, size := 0, 0
	for at, i := range d.use {
		// The smallest keys are those in use, so that their first bits say nothing: mix (Knuth, TAOCP 3, 6.4).
		if d.all[i].Key*0x9e3779b97f4a7c15>>(64-sampleBits) != 0 {
			continue
		}
		part.use = append(part.use, i)
		part.kept.items = append(part.kept.items, d.kept.items[at])
		size += int(d.kept.items[at].count)
		if size >= blockRows {
			part.blocks = append(part.blocks, int32(len(part.use)))
			rows, size = rows+size, 0
		}
	}
	if size > 0 {
		part.blocks = append(part.blocks, int32(len(part.use)))
	}
	if rows += size; rows < sampledRows>>(sampleBits+1) || rows > len(d.kept.rows)>>(sampleBits-1) {
		return nil
	}
	return &part
}
