package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"imcheck/loadgen/plan"

	"go.yaml.in/yaml/v3"
)

// deployed are the variables with which these tests render the manifests.
var deployed = map[string]string{
	"SHARDS": "4", "IMAGE": "registry.example/imcheck", "TARGET": "im.example",
	"START_AT": time.Now().Add(time.Hour).UTC().Format(time.RFC3339),
}

// metadata, pod and job have the keys of Kubernetes that the manifests use. A
// key besides them is an error, as a misspelt one would be.
type metadata struct {
	Name string
}

type pod struct {
	RestartPolicy                string `yaml:"restartPolicy"`
	AutomountServiceAccountToken *bool  `yaml:"automountServiceAccountToken"`
	TopologySpreadConstraints    []struct {
		MaxSkew           int    `yaml:"maxSkew"`
		TopologyKey       string `yaml:"topologyKey"`
		WhenUnsatisfiable string `yaml:"whenUnsatisfiable"`
		LabelSelector     struct {
			MatchLabels map[string]string `yaml:"matchLabels"`
		} `yaml:"labelSelector"`
	} `yaml:"topologySpreadConstraints"`
	SecurityContext struct {
		RunAsNonRoot   bool                  `yaml:"runAsNonRoot"`
		RunAsUser      int                   `yaml:"runAsUser"`
		RunAsGroup     int                   `yaml:"runAsGroup"`
		FSGroup        int                   `yaml:"fsGroup"`
		SeccompProfile struct{ Type string } `yaml:"seccompProfile"`
	} `yaml:"securityContext"`
	Containers []container
	Volumes    []struct {
		Name                  string
		PersistentVolumeClaim struct {
			ClaimName string `yaml:"claimName"`
		} `yaml:"persistentVolumeClaim"`
	}
}

type container struct {
	Name, Image string
	Args        []string
	Env         []struct {
		Name      string
		ValueFrom struct {
			FieldRef struct {
				FieldPath string `yaml:"fieldPath"`
			} `yaml:"fieldRef"`
		} `yaml:"valueFrom"`
	}
	Resources       struct{ Requests, Limits map[string]string }
	SecurityContext struct {
		AllowPrivilegeEscalation *bool `yaml:"allowPrivilegeEscalation"`
		ReadOnlyRootFilesystem   bool  `yaml:"readOnlyRootFilesystem"`
		Capabilities             struct{ Drop []string }
	} `yaml:"securityContext"`
	VolumeMounts []struct {
		Name      string
		MountPath string `yaml:"mountPath"`
	} `yaml:"volumeMounts"`
}

type claim struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   metadata
	Spec       struct {
		AccessModes []string `yaml:"accessModes"`
		Resources   struct{ Requests map[string]string }
	}
}

type job struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   metadata
	Spec       struct {
		CompletionMode string `yaml:"completionMode"`
		Completions    int
		Parallelism    int
		BackoffLimit   *int `yaml:"backoffLimit"`
		Template       struct{ Spec pod }
	}
}

func readDeploy(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "harness", "deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// render fills a manifest in as envsubst does.
func render(t *testing.T, name string) []byte {
	t.Helper()
	return []byte(os.Expand(readDeploy(t, name), func(variable string) string {
		value, known := deployed[variable]
		if !known {
			t.Errorf("%s uses ${%s}, which README.md does not set", name, variable)
		}
		return value
	}))
}

// decode reads the documents of a manifest, one into each value, and no more.
func decode(t *testing.T, text []byte, into ...any) {
	t.Helper()
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	for i, value := range into {
		if err := decoder.Decode(value); err != nil {
			t.Fatalf("document %d: %v", i+1, err)
		}
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		t.Fatalf("there is a document too many: %v", err)
	}
}

func TestDeployJob(t *testing.T) {
	var c claim
	var j job
	decode(t, render(t, "job.yaml"), &c, &j)
	if c.APIVersion != "v1" || c.Kind != "PersistentVolumeClaim" || !slices.Equal(c.Spec.AccessModes, []string{"ReadWriteMany"}) || c.Spec.Resources.Requests["storage"] == "" {
		t.Errorf("the claim is %+v", c)
	}
	spec := j.Spec
	if j.APIVersion != "batch/v1" || j.Kind != "Job" || spec.CompletionMode != "Indexed" || spec.Completions != 4 || spec.Parallelism != 4 {
		t.Errorf("the job is %+v", j)
	}
	if spec.BackoffLimit == nil || *spec.BackoffLimit != 0 || spec.Template.Spec.RestartPolicy != "Never" {
		t.Error("a shard that failed would be tried again, after its start")
	}
	spread := spec.Template.Spec.TopologySpreadConstraints
	if len(spread) != 1 || spread[0].LabelSelector.MatchLabels["job-name"] != j.Metadata.Name {
		t.Errorf("the pods are spread by %+v", spread)
	}
	main := checkPod(t, spec.Template.Spec, c.Metadata.Name)
	if main.Image != deployed["IMAGE"] || main.Resources.Requests["cpu"] == "" || main.Resources.Limits["cpu"] != "" {
		t.Errorf("the container is %+v", main)
	}
	if len(main.Env) != 1 || main.Env[0].Name != "JOB_COMPLETION_INDEX" || main.Env[0].ValueFrom.FieldRef.FieldPath != "metadata.annotations['batch.kubernetes.io/job-completion-index']" {
		t.Errorf("the index comes from %+v", main.Env)
	}
	checkShards(t, main, spec.Completions)
}

func TestDeployFetch(t *testing.T) {
	var c claim
	var j job
	decode(t, render(t, "job.yaml"), &c, &j)
	var p struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   metadata
		Spec       pod
	}
	decode(t, render(t, "fetch.yaml"), &p)
	if p.APIVersion != "v1" || p.Kind != "Pod" {
		t.Errorf("the pod is %+v", p)
	}
	checkPod(t, p.Spec, c.Metadata.Name)
}

// checkPod holds a pod to what it may do and where it writes, and returns its
// container.
func checkPod(t *testing.T, p pod, claimed string) container {
	t.Helper()
	user, group := dockerUser(t)
	if s := p.SecurityContext; !s.RunAsNonRoot || fmt.Sprint(s.RunAsUser) != user || fmt.Sprint(s.RunAsGroup) != group || fmt.Sprint(s.FSGroup) != group {
		t.Errorf("it runs as %+v, the image is made for %s:%s", s, user, group)
	}
	if p.AutomountServiceAccountToken == nil || *p.AutomountServiceAccountToken {
		t.Error("it gets a token of the cluster, which it does not need")
	}
	if len(p.Containers) != 1 || len(p.Volumes) != 1 || len(p.Containers[0].VolumeMounts) != 1 {
		t.Fatalf("containers and volumes are %+v", p)
	}
	main := p.Containers[0]
	if s := main.SecurityContext; s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || !s.ReadOnlyRootFilesystem || !slices.Equal(s.Capabilities.Drop, []string{"ALL"}) {
		t.Errorf("the container may do %+v", s)
	}
	if p.Volumes[0].PersistentVolumeClaim.ClaimName != claimed || main.VolumeMounts[0].Name != p.Volumes[0].Name {
		t.Errorf("it writes to %+v, claimed is %s", p.Volumes, claimed)
	}
	return main
}

// checkShards parses the arguments as each pod does, and wants every shard once,
// each with a folder of its own on the volume.
func checkShards(t *testing.T, main container, n int) {
	t.Helper()
	folders := map[string]bool{}
	for index := range n {
		var args []string
		for _, arg := range main.Args {
			args = append(args, strings.ReplaceAll(arg, "$(JOB_COMPLETION_INDEX)", fmt.Sprint(index)))
		}
		var f loadFlags
		flags := newFlags("load")
		f.register(flags)
		if err := flags.Parse(args[1:]); err != nil || args[0] != "load" || flags.NArg() > 0 {
			t.Fatalf("%q: %v", args, err)
		}
		described, err := f.target.target()
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(f.readScenario(), f.shard.complete(&f.swarm, f.target.embedded()), f.complete(described)); err != nil {
			t.Fatal(err)
		}
		if want := (plan.Shard{Index: index + 1, Of: n}); f.swarm.Shard != want || f.swarm.Start.IsZero() {
			t.Errorf("pod %d does %+v from %v, want %+v", index, f.swarm.Shard, f.swarm.Start, want)
		}
		if path.Dir(f.out) != main.VolumeMounts[0].MountPath || folders[f.out] {
			t.Errorf("pod %d writes to %s, the volume is at %s", index, f.out, main.VolumeMounts[0].MountPath)
		}
		folders[f.out] = true
	}
}
