// Package verdict decides what a load came to: whether its thresholds held, and whether
// it passed, failed, was inconclusive or never reached its target. It knows nothing but
// the report of the load, so that a run judges itself by the same rules as what is put
// together from its shards afterwards.
package verdict
