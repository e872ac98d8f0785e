/* Keeps the room live: swaps what has changed, never what somebody is typing. Without it the room works by reload. */
(function () {
  "use strict";
  var room = document.querySelector("[data-room]");
  if (!room) return;
  var line = document.getElementById("line");
  var keptBox = document.getElementById("kept-words");
  var address = room.dataset.room;
  var seen = room.dataset.seen;
  var served = {};
  var source = null, timer = null, busy = false, again = false, composing = false, lostAt = null;
  var EVERY_MS = 5000;

  document.querySelectorAll("[data-no-script]").forEach(function (n) { n.hidden = true; });

  /* What tells one answer from the next though nothing changed: the token and the keys. */
  function bare(html) {
    return html.replace(/name="(csrfmiddlewaretoken|key)" value="[^"]*"/g, "").replace(/(data-since|data-until)="[^"]*"[^>]*>[^<]*</g, "$1<").replace(/ class="htmx-[^"]*"/g, "");
  }

  function parts(root) {
    return Array.prototype.slice.call(root.querySelectorAll("[data-part]"));
  }

  parts(document).forEach(function (p) { served[p.dataset.part] = bare(p.outerHTML); });

  function isChanged(field) {
    if (field.type === "hidden" || field.type === "submit") return false;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") {
      return Array.prototype.some.call(field.options, function (o) { return o.selected !== o.defaultSelected && (o.selected ? o.index > 0 || hasDefault(field) : true); });
    }
    return field.value !== field.defaultValue;
  }

  function hasDefault(select) {
    return Array.prototype.some.call(select.options, function (o) { return o.defaultSelected; });
  }

  function nameOf(field) {
    var same = Array.prototype.filter.call(field.form.elements, function (e) { return e.name === field.name; });
    return field.form.id + "|" + field.name + "|" + same.indexOf(field);
  }

  function keep(part) {
    var kept = { fields: [], open: [], shut: [], told: [], focus: null, row: null };
    part.querySelectorAll("form[id]").forEach(function (form) {
      var changed = Array.prototype.some.call(form.elements, isChanged);
      Array.prototype.forEach.call(form.elements, function (f) {
        if (isChanged(f)) kept.fields.push({ name: nameOf(f), value: f.value, checked: f.checked, label: f.labels && f.labels[0] ? f.labels[0].textContent.trim() : f.name, type: f.type });
        /* The key stays with the words, so that words sent twice by a bad line are written once. */
        if (changed && f.name === "key") kept.fields.push({ name: nameOf(f), value: f.value, type: "key" });
      });
      var told = form.querySelector(".refused");
      if (told) kept.told.push({ form: form.id, text: told.textContent });
    });
    part.querySelectorAll("details[id]").forEach(function (d) { (d.open ? kept.open : kept.shut).push(d.id); });
    var now = document.activeElement;
    if (now && part.contains(now)) {
      kept.row = now.closest("[id]");
      kept.row = kept.row && kept.row !== now ? kept.row.id : null;
      var section = now.closest("section[id]");
      kept.section = section ? section.id : null;
      kept.focus = now.form && now.name ? nameOf(now) : null;
      kept.summary = now.tagName === "SUMMARY" ? now.parentNode.id : null;
      try { kept.range = [now.selectionStart, now.selectionEnd]; } catch (e) { kept.range = null; }
    }
    return kept;
  }

  function fieldBy(name) {
    var p = name.split("|");
    var form = document.getElementById(p[0]);
    if (!form || !form.elements) return null;
    var same = Array.prototype.filter.call(form.elements, function (e) { return e.name === p[1]; });
    return same[Number(p[2])] || null;
  }

  function restore(kept) {
    kept.open.forEach(function (id) { var d = document.getElementById(id); if (d) d.open = true; });
    kept.shut.forEach(function (id) { var d = document.getElementById(id); if (d) d.open = false; });
    var lost = [];
    kept.fields.forEach(function (f) {
      var field = fieldBy(f.name);
      if (!field) { if (f.type !== "key" && f.type !== "checkbox" && f.type !== "radio" && f.value.trim()) lost.push(f); return; }
      if (f.type === "checkbox" || f.type === "radio") field.checked = f.checked; else field.value = f.value;
    });
    kept.told.forEach(function (t) { var form = document.getElementById(t.form); if (form) tell(form, t.text); });
    if (lost.length) show(lost);
    focus(kept);
  }

  function focus(kept) {
    var target = kept.focus && fieldBy(kept.focus);
    if (!target && kept.summary) target = document.querySelector("#" + CSS.escape(kept.summary) + " > summary");
    if (!target && kept.row) {
      var row = document.getElementById(kept.row);
      var host = row && (row.closest("li[id]") || row);
      target = host && host.querySelector("button, summary, a[href]");
    }
    if (!target && kept.section) target = document.querySelector("#" + CSS.escape(kept.section) + " h2");
    if (!target) return;
    if (target.tagName === "H2") target.tabIndex = -1;
    target.focus({ preventScroll: true });
    if (kept.range && kept.range[0] !== null && kept.range[0] !== undefined && target.setSelectionRange) {
      try { target.setSelectionRange(kept.range[0], kept.range[1]); } catch (e) { /* not a field of words */ }
    }
  }

  function show(lost) {
    var list = keptBox.querySelector("ul");
    lost.forEach(function (f) {
      var item = document.createElement("li");
      item.textContent = f.label.split("\n")[0] + ": " + f.value;
      list.appendChild(item);
    });
    keptBox.hidden = false;
  }
  keptBox.querySelector("[data-forget]").addEventListener("click", function () {
    keptBox.querySelector("ul").textContent = "";
    keptBox.hidden = true;
  });

  /* A list that is open or a date that is being chosen would close under the finger. */
  function isInHand(part) {
    var now = document.activeElement;
    return composing || (now && part.contains(now) && (now.tagName === "SELECT" || now.type === "datetime-local"));
  }

  function take(html) {
    var doc = new DOMParser().parseFromString(html, "text/html");
    var waits = false;
    parts(doc).forEach(function (fresh) {
      var name = fresh.dataset.part;
      var old = document.querySelector('[data-part="' + CSS.escape(name) + '"]');
      var now = bare(fresh.outerHTML);
      if (!old || served[name] === now) return;
      if (isInHand(old)) { waits = true; return; }
      var kept = keep(old);
      htmx.swap(old, fresh.outerHTML, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 });
      served[name] = now;
      restore(kept);
    });
    document.querySelectorAll("[data-no-script]").forEach(function (n) { n.hidden = true; });
    tick();
    if (waits) setTimeout(function () { seen = ""; refresh(); }, 1000);
  }

  function refresh() {
    if (busy) { again = true; return; }
    busy = true;
    fetch(address + "&seen=" + encodeURIComponent(seen), { headers: { "HX-Request": "true" }, credentials: "same-origin" }).then(function (answer) {
      lostAt = null;
      if (answer.headers.get("HX-Redirect")) { state("out", "You are signed out. What you typed is still here: sign in in another window."); return; }
      if (answer.status === 204) return;
      if (!answer.ok) { state("lost", "The room could not be read (" + answer.status + "). What you see may be old."); return; }
      return answer.text().then(function (html) { take(html); });
    }).catch(function () {
      lostAt = lostAt || new Date();
      state("lost", "No connection since " + lostAt.toTimeString().slice(0, 5) + ". What you see may be old.");
    }).then(function () {
      busy = false;
      if (again) { again = false; refresh(); }
    });
  }

  function state(name, words) {
    if (line.dataset.state === name && line.textContent === words) return;
    line.dataset.state = name;
    line.textContent = words;
  }

  function poll(on) {
    clearInterval(timer);
    timer = on ? setInterval(refresh, EVERY_MS) : null;
    if (on) state("poll", "Looks every 5 seconds");
  }

  function listen() {
    if (!window.EventSource) { poll(true); return; }
    source = new EventSource(room.dataset.stream + "?seen=" + encodeURIComponent(seen));
    source.onopen = function () { poll(false); state("live", "Live"); };
    source.addEventListener("change", function (e) {
      seen = "";
      refresh();
      room.dataset.seen = e.data;
    });
    source.addEventListener("over", function () { source.close(); poll(false); seen = ""; refresh(); state("over", "The response is over"); });
    source.onerror = function () {
      poll(true);
      if (source.readyState === 2) setTimeout(listen, 60000);
    };
  }

  function tell(form, text) {
    var told = form.querySelector(".refused");
    if (!told) {
      told = document.createElement("p");
      told.className = "refused";
      told.setAttribute("role", "alert");
      form.appendChild(told);
    }
    told.textContent = text;
  }

  function release(form) {
    delete form.dataset.sent;
    form.querySelectorAll("button").forEach(function (b) { b.removeAttribute("aria-disabled"); });
  }

  document.addEventListener("submit", function (e) {
    var form = e.target;
    if (!form.matches("form[data-do]") || !room.contains(form)) return;
    e.preventDefault();
    if (form.dataset.sent) return;
    var button = e.submitter;
    var to = (button && button.getAttribute("formaction")) || form.getAttribute("action");
    var body = new URLSearchParams(new FormData(form));
    if (button && button.name) body.append(button.name, button.value);
    form.dataset.sent = "1";
    form.querySelectorAll("button").forEach(function (b) { b.setAttribute("aria-disabled", "true"); });
    fetch(to, { method: "POST", body: body, headers: { "HX-Request": "true", Accept: "application/json" }, credentials: "same-origin" }).then(function (answer) {
      if (answer.status === 204) { done(form); return; }
      return answer.text().then(function (text) {
        var said;
        try { said = JSON.parse(text).refused; } catch (x) {
          var page = new DOMParser().parseFromString(text, "text/html").querySelector("main");
          said = page ? page.textContent.replace(/\s+/g, " ").trim() : "";
        }
        tell(form, said || "This was not done (" + answer.status + "). What you typed is still here.");
        release(form);
      });
    }).catch(function () {
      tell(form, "The server did not answer. What you typed is still here: send it again, it is done only once.");
      release(form);
    });
  });

  function done(form) {
    var told = form.querySelector(".refused");
    if (told) told.remove();
    form.reset();
    var around = form.closest("details[id]");
    if (around) around.open = false;
    release(form);
    /* A new key, since the old one has done its work. */
    var key = form.elements.key;
    if (key) key.value = Array.prototype.map.call(crypto.getRandomValues(new Uint8Array(16)), function (b) { return ("0" + b.toString(16)).slice(-2); }).join("");
    seen = "";
    refresh();
    if (form.dataset.again) htmx.trigger(form.dataset.again, "load");
  }

  function rough(s) {
    s = Math.abs(s);
    if (s < 90) return Math.round(s) + " s";
    var m = Math.round(s / 60);
    if (m < 100) return m + " min";
    if (m < 2880) return Math.floor(m / 60) + " h " + ("0" + (m % 60)).slice(-2) + " min";
    return Math.floor(m / 1440) + " d " + Math.floor((m % 1440) / 60) + " h";
  }

  function tick() {
    var now = Date.now();
    document.querySelectorAll("[data-since]").forEach(function (n) { write(n, rough((now - Date.parse(n.dataset.since)) / 1000)); });
    document.querySelectorAll("[data-until]").forEach(function (n) {
      var left = (Date.parse(n.dataset.until) - now) / 1000;
      write(n, left >= 0 ? "in " + rough(left) : rough(left) + " over");
      n.classList.toggle("is-late", left < 0);
    });
  }

  function write(node, text) { if (node.textContent !== text) node.textContent = text; }

  document.addEventListener("compositionstart", function () { composing = true; });
  document.addEventListener("compositionend", function () { composing = false; });
  document.addEventListener("change", function (e) { if (e.target.matches("select[data-send]")) e.target.form.submit(); });

  /* A link to a task that is folded away opens what it is in. */
  function reveal() {
    var target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.tagName === "DETAILS") target.open = true;
    for (var d = target.closest("details"); d; d = d.parentNode.closest("details")) d.open = true;
    target.scrollIntoView({ block: "start" });
  }
  window.addEventListener("hashchange", reveal);
  reveal();
  tick();
  setInterval(tick, 1000);
  setInterval(function () { if (!timer && room.dataset.open) { seen = ""; refresh(); } }, 60000);
  window.addEventListener("pagehide", function () { if (source) source.close(); });
  if (room.dataset.open) listen(); else state("over", "The response is over");
})();
