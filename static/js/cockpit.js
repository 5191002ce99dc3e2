/* 驾驶舱: draws the charts from the figures in the page, and on a wall fetches the page anew. The tables stay. */
const screen = document.querySelector("[data-refresh]");
const DARK = document.documentElement.classList.contains("ck-wall");
const INK = DARK ? "#9fb0cc" : "#5b6270";
const LINE = DARK ? "#1f3050" : "#e6e8ec";
const COLOURS = DARK
  ? { green: "#32a06a", amber: "#e5a32f", red: "#d9444f", grey: "#324569" }
  : { green: "#2f8f5b", amber: "#e39a1b", red: "#cf3540", grey: "#b9bfca" };
const MOST_TRIES = 3;
let charts = [];

const axes = (months, names) => ({
  animation: false,
  textStyle: { color: INK, fontFamily: getComputedStyle(document.body).fontFamily },
  tooltip: { trigger: "axis", renderMode: "richText", confine: true },
  legend: { data: names, top: 0, textStyle: { color: INK }, itemWidth: 12, itemHeight: 10 },
  grid: { left: 36, right: 40, top: 34, bottom: 24 },
  xAxis: { type: "category", data: months, axisLine: { lineStyle: { color: LINE } }, axisTick: { show: false }, axisLabel: { color: INK } },
});
const numbers = { type: "value", minInterval: 1, splitLine: { lineStyle: { color: LINE } }, axisLabel: { color: INK } };

const planChart = (plans) => ({
  ...axes(plans.months, ["应完成", "已完成", "累计按期率"]),
  yAxis: [numbers, { type: "value", min: 0, max: 100, splitLine: { show: false }, axisLabel: { color: INK, formatter: "{value}%" } }],
  series: [
    { name: "应完成", type: "bar", data: plans.due, itemStyle: { color: DARK ? "#34486e" : "#cdd2da" }, barGap: "10%" },
    { name: "已完成", type: "bar", data: plans.done, itemStyle: { color: "#3f8cf0" } },
    { name: "累计按期率", type: "line", yAxisIndex: 1, data: plans.rate, symbolSize: 5, itemStyle: { color: "#e5a32f" } },
  ],
});

const lightChart = (lights) => ({
  ...axes(lights.months, lights.series.map((each) => each.name)),
  yAxis: numbers,
  series: lights.series.map((each) => ({
    name: each.name, type: "bar", stack: "lights", data: each.data, itemStyle: { color: COLOURS[each.colour] },
  })),
});

/* A bar leads to its records, as its row in the table does; where the table does not lead, neither does the bar. */
const draw = (id, option, urls) => {
  const place = document.getElementById(id);
  if (!place || !window.echarts) return;
  const chart = window.echarts.init(place);
  chart.setOption(option);
  if (document.querySelector(".ck-numbers a[href]")) {
    chart.on("click", (event) => { window.location.assign(urls[event.dataIndex]); });
  }
  charts.push(chart);
};

const drawAll = () => {
  charts.forEach((chart) => chart.dispose());
  charts = [];
  const data = JSON.parse(document.getElementById("cockpit-charts").textContent);
  draw("chart-plans", planChart(data.plans), data.plans.urls);
  draw("chart-lights", lightChart(data.lights), data.lights.urls);
};

window.addEventListener("resize", () => { charts.forEach((chart) => chart.resize()); });
drawAll();

/* A network that is gone comes back: what stands is kept, with a word on it, and the next minute tries again. */
let failures = 0;
const tell = (sentence) => {
  const stale = document.getElementById("stale");
  stale.hidden = !sentence;
  stale.textContent = sentence;
};

const refresh = async () => {
  try {
    const answer = await fetch(window.location.href, { credentials: "same-origin", redirect: "manual" });
    if (answer.type === "opaqueredirect") {
      tell("登录已过期，请重新登录");
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["cockpit", "as-of"]) {
      document.getElementById(id).replaceWith(document.importNode(page.getElementById(id), true));
    }
    failures = 0;
    tell("");
    drawAll();
  } catch {
    failures += 1;
    if (failures >= MOST_TRIES) tell("网络中断，显示的是上次的数据，正在重试");
  }
};

if (screen) setInterval(refresh, Number(screen.dataset.refresh) * 1000);
