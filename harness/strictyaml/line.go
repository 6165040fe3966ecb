package strictyaml

import (
	"errors"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// LineOf returns the line of the value that keys lead to, or of as much of the way to it
// as is there. The key of an item of a list is its index.
func LineOf(node *yaml.Node, keys ...string) int {
	if len(keys) == 0 {
		return node.Line
	}
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == keys[0] {
				if len(keys) == 1 {
					return node.Content[i].Line
				}
				return LineOf(node.Content[i+1], keys[1:]...)
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(keys[0]); err == nil && i >= 0 && i < len(node.Content) {
			return LineOf(node.Content[i], keys[1:]...)
		}
	}
	return node.Line
}

// Has reports whether keys lead to a value. The key of an item of a list is its index.
func Has(node *yaml.Node, keys ...string) bool {
	if len(keys) == 0 {
		return true
	}
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == keys[0] {
				return Has(node.Content[i+1], keys[1:]...)
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(keys[0]); err == nil && i >= 0 && i < len(node.Content) {
			return Has(node.Content[i], keys[1:]...)
		}
	}
	return false
}

// FindEmpty returns the keys that lead to the first key or list item without a
// value; nil when every one has a value. A decoder treats such a key as absent,
// which its writer did not mean.
func FindEmpty(node *yaml.Node) (keys []string) {
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if isEmpty(node.Content[i+1]) {
				return []string{node.Content[i].Value}
			}
			if below := FindEmpty(node.Content[i+1]); below != nil {
				return append([]string{node.Content[i].Value}, below...)
			}
		}
	case yaml.SequenceNode:
		for i, item := range node.Content {
			if isEmpty(item) {
				return []string{strconv.Itoa(i)}
			}
			if below := FindEmpty(item); below != nil {
				return append([]string{strconv.Itoa(i)}, below...)
			}
		}
	}
	return nil
}

func isEmpty(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && (node.Value == "" || node.Tag == "!!null")
}

// ErrEmpty is the mistake of a key without a value.
var ErrEmpty = errors.New("there is no value: give one or leave the key out")
