/* Filters the list of what is hit, and takes the proposed level over as long as nobody has chosen one. */
(function () {
  "use strict";
  var chosen = false;

  document.querySelectorAll("[data-needs-script]").forEach(function (node) { node.hidden = false; });

  document.querySelectorAll("[data-filter]").forEach(function (box) {
    var list = document.querySelector(box.dataset.filter);
    box.addEventListener("input", function () {
      var wanted = box.value.trim().toLowerCase();
      list.querySelectorAll(".tick-group").forEach(function (group) {
        var hits = 0;
        group.querySelectorAll(".tick").forEach(function (tick) {
          var fits = !wanted || tick.textContent.toLowerCase().indexOf(wanted) >= 0 || tick.querySelector("input").checked;
          tick.hidden = !fits;
          hits += fits ? 1 : 0;
        });
        group.hidden = !hits;
        if (wanted) group.open = hits > 0;
      });
    });
    box.addEventListener("keydown", function (e) { if (e.key === "Enter") e.preventDefault(); });
  });

  document.addEventListener("change", function (e) {
    if (e.target.name === "level") chosen = true;
  });
  document.addEventListener("htmx:afterSwap", function () {
    var told = document.querySelector("#proposal [data-level]");
    var level = told && document.querySelector('input[name="level"][value="' + told.dataset.level + '"]');
    if (level && !chosen) level.checked = true;
  });
})();
