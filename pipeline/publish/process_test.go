package publish

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary runs itself as another process when this variable names a part to play.
const partVariable = "KAISHU_PUBLISH_TEST_PART"

func TestMain(m *testing.M) {
	switch part, dir := os.Getenv(partVariable), os.Getenv(partVariable+"_DIR"); part {
	case "":
		os.Exit(m.Run())
	case "hold":
		h, err := Lock(dir)
		if err == nil {
			fmt.Println("held")
			time.Sleep(time.Minute)
			err = h.Release()
		}
		fmt.Println(err)
	default:
		fmt.Println(publishForEver(dir, part))
	}
}

// publishForEver replaces the night again and again, each time by another one.
func publishForEver(dir, part string) error {
	h, err := Lock(dir)
	if err != nil {
		return err
	}
	if part == "publish without exchange" {
		h.exchange = func(string, string) error { return errors.ErrUnsupported }
	}
	fmt.Println("held")
	for i := 0; ; i++ {
		s, _, err := fill(h, night, strconv.Itoa(os.Getpid())+"-"+strconv.Itoa(i))
		if err != nil {
			return err
		}
		fmt.Println("sealed")
		if err := s.Publish(true); err != nil {
			return err
		}
		fmt.Println("published")
	}
}

// play starts the test binary in a part and waits until it holds the lock.
func play(t *testing.T, part, dir string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), partVariable+"="+part, partVariable+"_DIR="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(cmd) })
	says := bufio.NewReader(out)
	await(t, says, "held")
	return cmd, says
}

// await waits for the other process to say what it says next.
func await(t *testing.T, says *bufio.Reader, want string) {
	t.Helper()
	if line, err := says.ReadString('\n'); line != want+"\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
}

// kill ends a process as kill -9 does.
func kill(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

func TestOneRunAtATime(t *testing.T) {
	dir := t.TempDir()
	other, _ := play(t, "hold", dir)
	_, err := Lock(dir)
	if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), fmt.Sprintf("(process %d, since 2", other.Process.Pid)) {
		t.Errorf("error %v", err)
	}
	kill(other)
	h, err := Lock(dir)
	if err != nil {
		t.Fatalf("the lock of a dead process holds: %v", err)
	}
	if _, err := Lock(dir); !errors.Is(err, ErrLocked) {
		t.Errorf("second lock of one process: %v", err)
	}
	if err := h.Release(); err != nil {
		t.Error(err)
	}
	lock(t, dir)
}

// Kill -9 at random moments, in the two ways of replacing a night: while one is published, and
// every third time at any moment of a run. KAISHU_KILLS raises the number of kills.
func TestKilledRunLeavesTheOldOrTheNewNightWhole(t *testing.T) {
	kills := 12
	if n, err := strconv.Atoi(os.Getenv("KAISHU_KILLS")); err == nil {
		kills = n
	}
	for _, part := range []string{"publish", "publish without exchange"} {
		t.Run(part, func(t *testing.T) {
			dir := t.TempDir()
			h := lock(t, dir)
			put(t, h, night, "first", false)
			if err := h.Release(); err != nil {
				t.Fatal(err)
			}
			random := rand.New(rand.NewPCG(1, 2)) // the moment is random anyway
			now := "first"
			for range kills {
				other, says := play(t, part, dir)
				await(t, says, "sealed")
				begin := time.Now()
				await(t, says, "published")
				takes := time.Since(begin)
				if random.IntN(3) > 0 {
					await(t, says, "sealed")
				} else {
					takes *= 3
				}
				time.Sleep(time.Duration(random.Float64() * 1.2 * float64(takes)))
				kill(other)
				if part == "publish" { // even before anybody cleans up
					whole(t, dir, night)
				}
				cleanUp(t, dir)
				before := now
				now = whole(t, dir, night)
				checkChain(t, dir, before, now, other.Process.Pid)
				if err := os.RemoveAll(filepath.Join(dir, replaceName)); err != nil {
					t.Fatal(err)
				}
				if left := entries(t, filepath.Join(dir, stagingName)); len(left) > 0 {
					t.Fatalf("left in staging: %q", left)
				}
			}
		})
	}
}

// checkChain checks that after a run every night is where it belongs: the one before the
// run and then those of the run in their order, whole, in .replaced; the last one in its
// place; none lost, none that was never published.
func checkChain(t *testing.T, dir, before, now string, pid int) {
	t.Helper()
	var last int
	if n, err := fmt.Sscanf(now, strconv.Itoa(pid)+"-%d", &last); n != 1 {
		t.Fatalf("night %q after process %d, which had published one: %v", now, pid, err)
	}
	want := []string{before}
	for i := range last {
		want = append(want, strconv.Itoa(pid)+"-"+strconv.Itoa(i))
	}
	var got []string
	for i := range entries(t, filepath.Join(dir, replaceName)) {
		got = append(got, wholeReplaced(t, dir, fmt.Sprintf("as_of=%s.%d", night, i+1)))
	}
	if !slices.Equal(got, want) {
		t.Fatalf("replaced by %q: %q, want %q", now, got, want)
	}
}

// cleanUp does what the next run does first.
func cleanUp(t *testing.T, dir string) {
	t.Helper()
	h, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Release(); err != nil {
		t.Fatal(err)
	}
}

func TestOutputThatCannotBeWrittenIsAClearError(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, filepath.Join(file, "nights")} {
		if _, err := Lock(path); err == nil || !strings.HasPrefix(err.Error(), "making the output folder: ") || !errors.Is(err, syscall.ENOTDIR) {
			t.Errorf("%s: error %v", path, err)
		}
	}
	if os.Getuid() != 0 { // root may write anywhere
		if err := os.Chmod(dir, 0o555); err != nil {
			t.Fatal(err)
		}
		if _, err := Lock(dir); !errors.Is(err, os.ErrPermission) {
			t.Errorf("error %v", err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "taken"), 0o755); err == nil {
		h := lock(t, filepath.Join(dir, "taken"))
		if err := os.WriteFile(filepath.Join(dir, "taken", stagingName), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Stage(night); err == nil || !strings.HasPrefix(err.Error(), "staging the night: ") {
			t.Errorf("error %v", err)
		}
	}
}
