package pipeline

import (
	"testing"
	"testing/fstest"
)

func TestAContainersLimitIsRead(t *testing.T) {
	const v2, v1 = "sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes"
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"none":         {nil, 0},
		"version 2":    {map[string]string{v2: "536870912\n"}, 512 << 20},
		"unlimited 2":  {map[string]string{v2: "max\n"}, 0},
		"version 1":    {map[string]string{v1: "1073741824\n"}, 1 << 30},
		"unlimited 1":  {map[string]string{v1: "9223372036854771712\n"}, 0},
		"both, 2 wins": {map[string]string{v1: "1073741824\n", v2: "536870912\n"}, 512 << 20},
	} {
		root := fstest.MapFS{}
		for file, text := range c.files {
			root[file] = &fstest.MapFile{Data: []byte(text)}
		}
		if got := containerMemory(root); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
