/* Draws every figure.chart from the options beside it. Colours written as $name are tokens of tokens.css. */
(function () {
  "use strict";
  var drawn = [];

  function token(name) {
    return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  }

  function percent(value) {
    return Math.round(value * 100) + " %";
  }

  function resolved(value) {
    if (value === "$percent") return percent;
    if (typeof value === "string" && value[0] === "$") return token(value.slice(1));
    if (Array.isArray(value)) return value.map(resolved);
    if (value && typeof value === "object") {
      var copy = {};
      Object.keys(value).forEach(function (key) { copy[key] = resolved(value[key]); });
      return copy;
    }
    return value;
  }

  function text(value) {
    var node = document.createElement("span");
    node.textContent = value;
    return node.innerHTML;
  }

  function clock(tz, long) {
    return new Intl.DateTimeFormat("en-GB", {
      timeZone: tz, hour: "2-digit", minute: "2-digit", weekday: long ? "short" : undefined, second: long === 2 ? "2-digit" : undefined
    });
  }

  var WORDS = { up: "works", bridged: "works on battery, generator or standby", degraded: "works in part", down: "down", access_denied: "closed to people" };
  var TOKENS = { up: "good", bridged: "bridged", degraded: "warn", down: "bad", access_denied: "off" };
  var DECALS = {
    down: { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: 0.78, color: "rgba(255,255,255,.35)" },
    access_denied: { symbol: "circle", dashArrayX: [[4, 4], [0, 4, 4, 0]], dashArrayY: [4, 0], symbolSize: 0.7, color: "rgba(255,255,255,.5)" }
  };

  function states(o, narrow) {
    var rows = o.rows;
    var long = o.end - o.start > 86400000;
    var present = o.spans.map(function (s) { return s[3]; });
    var names = Object.keys(WORDS).filter(function (name) { return present.indexOf(name) >= 0; });
    return {
      aria: { enabled: true },
      animation: false,
      grid: { left: narrow ? 4 : 8, right: 28, top: 34, bottom: 4, containLabel: true },
      legend: { top: 0, left: 0, data: names.map(function (n) { return WORDS[n]; }), textStyle: { color: token("text") }, itemWidth: 14, itemHeight: 10, type: "scroll" },
      tooltip: {
        confine: true,
        formatter: function (p) {
          var s = p.value, at = clock(o.tz, 2);
          return "<b>" + text(rows[s[0]]) + "</b>: " + WORDS[s[3]] + "<br>" + text(at.format(s[1])) + " to " + text(at.format(s[2])) + (s[4] ? "<br>" + text(s[4]) : "");
        },
        extraCssText: "max-width:320px;white-space:normal"
      },
      xAxis: { type: "time", min: o.start, max: o.end, axisLabel: { color: token("muted"), hideOverlap: true, formatter: function (v) { return clock(o.tz, long ? 1 : 0).format(v); } }, splitLine: { show: true, lineStyle: { color: token("line") } } },
      yAxis: { type: "category", inverse: true, data: rows, axisTick: { show: false }, axisLine: { show: false }, axisLabel: { color: token("text"), width: narrow ? 112 : 210, overflow: "truncate", interval: 0, fontSize: narrow ? 11 : 12 } },
      series: names.map(function (name) {
        return {
          type: "custom",
          name: WORDS[name],
          itemStyle: { color: token(TOKENS[name]), decal: DECALS[name] },
          encode: { x: [1, 2], y: 0 },
          data: o.spans.filter(function (s) { return s[3] === name; }).map(function (s) { return { value: s }; }),
          renderItem: function (params, api) {
            var from = api.coord([api.value(1), api.value(0)]), to = api.coord([api.value(2), api.value(0)]);
            var thick = name === "up" ? 4 : 13;
            return { type: "rect", shape: { x: from[0], y: from[1] - thick / 2, width: Math.max(to[0] - from[0], 2), height: thick, r: 2 }, style: { fill: token(TOKENS[name]), decal: DECALS[name] } };
          }
        };
      })
    };
  }

  function draw(figure) {
    var source = document.getElementById(figure.dataset.chart);
    var canvas = figure.querySelector(".canvas");
    if (!source || !canvas || !window.echarts) return;
    var options = JSON.parse(source.textContent);
    var narrow = figure.clientWidth < 480;
    if (figure.dataset.rows) canvas.style.height = Math.max(120, 64 + Number(figure.dataset.rows) * 22) + "px";
    var chart = echarts.getInstanceByDom(canvas) || echarts.init(canvas, null, { renderer: "svg" });
    var drawable = options.kind === "states" ? states(options, narrow) : resolved(options);
    if (narrow && drawable.legend) {
      drawable.legend.itemGap = 6;
      drawable.legend.itemWidth = 12;
      drawable.legend.textStyle.fontSize = 11;
    }
    chart.setOption(drawable, true);
    if (drawn.indexOf(figure) < 0) drawn.push(figure);
  }

  function drawAll() {
    drawn = drawn.filter(function (f) { return document.contains(f); });
    document.querySelectorAll("figure.chart").forEach(draw);
    document.documentElement.dataset.charts = String(drawn.length);
  }

  function resizeAll() {
    drawn.forEach(function (f) {
      var chart = echarts.getInstanceByDom(f.querySelector(".canvas"));
      if (chart) chart.resize();
    });
  }

  document.addEventListener("DOMContentLoaded", drawAll);
  document.addEventListener("htmx:afterSettle", drawAll);
  document.addEventListener("htmx:responseError", function (event) {
    var target = document.getElementById("answer");
    if (target) target.textContent = "The server answered with an error (" + event.detail.xhr.status + "). Your question is kept; ask again in a moment.";
  });
  window.addEventListener("resize", resizeAll);
  window.addEventListener("beforeprint", resizeAll);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
})();
