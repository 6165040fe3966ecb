// The page works without any of this: a browser that runs no script shows all.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  if (!$("filter")) return;
  const rows = [...document.querySelectorAll(".row")];
  const controls = {verdict: $("filter-verdict"), area: $("filter-area"), level: $("filter-level"), text: $("filter-text")};
  const texts = new Map(rows.map((row) => [row, row.querySelector("summary").textContent.toLowerCase()]));

  // What is shown of the matrix, and how much that is.
  function show() {
    const want = Object.fromEntries(Object.entries(controls).map(([name, control]) => [name, control.value]));
    const text = want.text.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const data = row.dataset;
      row.hidden = !((!want.verdict || data.verdicts.split(" ").includes(want.verdict))
        && (!want.area || data.area === want.area)
        && (!want.level || data.level === want.level)
        && (!text || texts.get(row).includes(text)));
      shown += !row.hidden;
    }
    for (const area of document.querySelectorAll(".area")) area.hidden = !area.querySelector(".row:not([hidden])");
    $("filter-none").hidden = shown > 0;
    $("filter-count").value = `${shown} of ${rows.length} cases`;
  }

  // The address keeps the filter, so that a link to the page does too.
  function remember() {
    const kept = new URLSearchParams(Object.entries(controls).map(([name, c]) => [name, c.value.trim()]).filter(([, v]) => v));
    history.replaceState(null, "", kept.size ? "#" + kept : location.pathname + location.search);
  }

  function set(values) {
    for (const [name, control] of Object.entries(controls)) {
      control.value = values.get(name) ?? "";
      if (control.selectedIndex === -1) control.value = ""; // no such choice on this page
    }
    show();
  }

  // The address names a filter, or the place of a case or a requirement that is to
  // be seen.
  function follow() {
    const fragment = location.hash.slice(1);
    if (!fragment || fragment.includes("=")) return set(new URLSearchParams(fragment));
    const place = $(fragment), row = place?.closest(".row");
    const list = row ?? place?.closest("details");
    if (!list) return;
    if (row?.hidden) set(new URLSearchParams());
    list.open = true;
    (row ?? place).scrollIntoView();
  }

  for (const control of Object.values(controls)) control.addEventListener("input", () => { show(); remember(); });
  $("filter-reset").addEventListener("click", () => { set(new URLSearchParams()); remember(); });
  for (const [id, open] of [["open-all", true], ["close-all", false]]) {
    $(id).addEventListener("click", () => { for (const row of rows) if (!row.hidden) row.open = open; });
  }
  for (const chip of document.querySelectorAll("a[data-verdict]")) {
    chip.addEventListener("click", (event) => {
      event.preventDefault();
      set(new URLSearchParams({verdict: chip.dataset.verdict}));
      remember();
      $("cases").scrollIntoView();
    });
  }
  addEventListener("hashchange", follow);
  $("filter").hidden = false;
  show();
  follow();
})();
