package export

import (
	writev2 "github.com/prometheus/client_golang/exp/api/remote/genproto/v2"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// Fields of prometheus.WriteRequest, the message of remote write 1.0, and of what is in it. Its
// types are in the module of the Prometheus server only, which is far larger than they are.
const (
	requestSeries    protowire.Number = 1
	seriesLabels     protowire.Number = 1
	seriesSamples    protowire.Number = 2
	seriesHistograms protowire.Number = 4
	labelName        protowire.Number = 1
	labelValue       protowire.Number = 2
)

// asVersion1 encodes a request of version 2.0 as one of 1.0: labels are written out, and samples
// and histograms have the same encoding in both. Descriptions are left out.
func asVersion1(r *writev2.Request) (encoded []byte, err error) {
	for _, one := range r.Timeseries {
		var series []byte
		for refs := one.LabelsRefs; len(refs) >= 2; refs = refs[2:] {
			label := appendField(nil, labelName, []byte(r.Symbols[refs[0]]))
			label = appendField(label, labelValue, []byte(r.Symbols[refs[1]]))
			series = appendField(series, seriesLabels, label)
		}
		for _, sample := range one.Samples {
			if series, err = appendMessage(series, seriesSamples, sample); err != nil {
				return nil, err
			}
		}
		for _, histogram := range one.Histograms {
			if series, err = appendMessage(series, seriesHistograms, histogram); err != nil {
				return nil, err
			}
		}
		encoded = appendField(encoded, requestSeries, series)
	}
	return encoded, nil
}

func appendField(into []byte, field protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(into, field, protowire.BytesType), value)
}

func appendMessage(into []byte, field protowire.Number, m proto.Message) ([]byte, error) {
	encoded, err := proto.Marshal(m)
	return appendField(into, field, encoded), err
}
