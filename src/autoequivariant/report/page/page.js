(() => {
  "use strict";
  // Stand-ins of figures/style.py, and the variables of page.css that take their place.
  const names = ["ink", "soft", "grid", "paper", "accent", "second"];
  const scheme = window.matchMedia("(prefers-color-scheme: dark)");

  function draw() {
    const style = getComputedStyle(document.documentElement);
    const colours = names.map((name) => style.getPropertyValue("--" + name).trim());
    for (const script of document.querySelectorAll("script[data-figure]")) {
      const text = script.textContent.replace(/#01010([0-5])/g, (_, k) => colours[Number(k)]);
      const figure = JSON.parse(text);
      const target = document.getElementById(script.dataset.figure);
      Plotly.react(target, figure.data, figure.layout, {
        responsive: true,
        displayModeBar: false,
      });
    }
  }

  draw();
  scheme.addEventListener("change", draw);
  if (window.innerWidth < 640) {
    for (const details of document.querySelectorAll("nav details")) details.open = false;
  }
})();
