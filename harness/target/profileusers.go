package target

import (
	"errors"
	"path/filepath"
	"reflect"

	"imcheck/harness/accounts"
	"imcheck/harness/strictyaml"
)

// profileUsers has the users that the server lets in: those of a file, or of a template.
type profileUsers struct {
	File          string `yaml:"file"`
	accounts.Spec `yaml:",inline"`
}

// users reads the users of a profile; nil without any. accepted is a token of all users,
// which excludes them.
func (c profileChecker) users(file *profileUsers, accepted string) accounts.Source {
	if file == nil || c.Err() != nil {
		return nil
	}
	if accepted != "" {
		c.Reject(errors.New("each of the users has a token of its own: leave one of credentials.accepted and users out"), "credentials", "accepted")
		return nil
	}
	folder := filepath.Dir(c.Path)
	if file.File != "" {
		if !reflect.DeepEqual(file.Spec, accounts.Spec{}) {
			c.Reject(errors.New("a file and a template exclude each other: leave file or the other keys out"), "users", "file")
			return nil
		}
		path := file.File
		if !filepath.IsAbs(path) {
			path = filepath.Join(folder, path)
		}
		list, err := accounts.ReadFile(path)
		return c.usersOr(list, err, "file")
	}
	template, err := accounts.NewTemplate("the template of "+c.Path, folder, file.Spec)
	if wrong, ok := errors.AsType[*accounts.SpecError](err); ok {
		return c.usersOr(nil, err, wrong.Keys...)
	}
	return template
}

// usersOr notes an error, at keys below users unless it names the line of another file.
func (c profileChecker) usersOr(list *accounts.List, err error, keys ...string) accounts.Source {
	if err == nil {
		return list
	}
	if inFile, ok := errors.AsType[*strictyaml.FileError](err); ok && inFile.Line > 0 {
		err = errors.New(inFile.Error())
	}
	c.Reject(err, append([]string{"users"}, keys...)...)
	return nil
}
