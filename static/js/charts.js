// Charts from data: <canvas data-chart="ID"> beside a json_script element ID (see components/chart.html), drawn with
// Chart.js in the colours of the current theme. {"type", "labels", "series": [{"label", "values"}], "unit", "stacked"}

const drawn = new Map();
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const palette = () => [token("--brand-ink"), token("--calm"), token("--warn"), token("--good"), token("--ink-soft")];
const still = matchMedia("(prefers-reduced-motion: reduce)");

function dataset(series, index, type) {
  const colour = palette()[index % palette().length];
  const line = type === "line";
  return {
    label: series.label,
    data: series.values,
    borderColor: colour,
    backgroundColor: line ? `color-mix(in oklab, ${colour} 14%, transparent)` : colour,
    borderWidth: line ? 2 : 0,
    borderRadius: line ? 0 : 4,
    maxBarThickness: 28,
    fill: line,
    tension: 0.3,
    pointRadius: 0,
    pointHoverRadius: 4,
  };
}

function options(data) {
  const soft = token("--ink-soft");
  const unit = data.unit ? ` ${data.unit}` : "";
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: { duration: still.matches ? 0 : 350, onComplete: ({ chart }) => (chart.canvas.dataset.drawn = "") },
    interaction: { mode: "index", intersect: false },
    scales: {
      x: { stacked: Boolean(data.stacked), grid: { display: false }, ticks: { color: soft, maxRotation: 0, autoSkipPadding: 16 }, border: { color: token("--line") } },
      y: { stacked: Boolean(data.stacked), beginAtZero: true, grid: { color: token("--line") }, ticks: { color: soft, maxTicksLimit: 6 }, border: { display: false } },
    },
    plugins: {
      legend: { display: data.series.length > 1, position: "bottom", labels: { color: soft, boxWidth: 10, boxHeight: 10, useBorderRadius: true, borderRadius: 3 } },
      tooltip: { callbacks: { label: (item) => ` ${item.dataset.label}: ${item.formattedValue}${unit}` } },
    },
  };
}

function draw(canvas) {
  const source = document.getElementById(canvas.dataset.chart);
  if (!source || !window.Chart) return;
  const data = JSON.parse(source.textContent);
  drawn.get(canvas)?.destroy();
  window.Chart.defaults.font.family = token("--tblr-font-sans-serif");
  const type = data.type ?? "bar";
  const datasets = data.series.map((series, index) => dataset(series, index, type));
  drawn.set(canvas, new window.Chart(canvas, { type, data: { labels: data.labels, datasets }, options: options(data) }));
}

const drawAll = (root) => root.querySelectorAll("canvas[data-chart]").forEach(draw);

drawAll(document);
document.addEventListener("htmx:afterSwap", (event) => drawAll(event.detail.target));
document.addEventListener("portal:theme", () => drawAll(document));
