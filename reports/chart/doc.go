// Package chart draws the charts of the reports as SVG for use inside an HTML page:
// nothing is loaded, no element has an id, and every colour is a
// custom property of the page's style (charts.css), so that the page decides
// between light, dark and print. Where no style applies, as under the policy that Jenkins
// has for artifacts, the attributes of each element say all that is needed.
//
// The charts are drawn by gonum.org/v1/plot. What is not a number or has no
// place on an axis is left out; texts are made printable and escaped. The same
// input gives the same bytes. No function keeps state, all may be called at the
// same time.
package chart
