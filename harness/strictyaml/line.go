package strictyaml

import (
	"strconv"

	"go.yaml.in/yaml/v3"
)

// LineOf is where the value that keys lead to stands, or what is there of the
// way to it. An item of a list has its number for a key.
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

// Has reports whether keys lead to a value.
func Has(node *yaml.Node, keys ...string) bool {
	if len(keys) == 0 {
		return true
	}
	if node.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == keys[0] {
			return Has(node.Content[i+1], keys[1:]...)
		}
	}
	return false
}
