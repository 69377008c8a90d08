// Draws the charts, in the colors of the style sheet, and marks the section
// that is being read.
(() => {
  'use strict';

  const data = JSON.parse(document.getElementById('data').textContent);
  const charts = [];

  const color = (name) =>
      getComputedStyle(document.documentElement)
          .getPropertyValue('--' + name)
          .trim();
  const percent = (value, digits) => (100 * value).toFixed(digits) + ' %';
  const short = (value) => String(Number(value.toPrecision(4)));

  // What all charts have in common.
  function options(x, y) {
    const axis = {
      ticks: {color: color('soft'), maxRotation: 0, padding: 6},
    };
    return {
      animation: false,
      maintainAspectRatio: false,
      interaction: {mode: 'index', intersect: false},
      scales: {
        x: {
          ...axis,
          grid: {display: false, drawBorder: false},
          ...x,
          ticks: {...axis.ticks, ...x.ticks},
        },
        y: {
          ...axis,
          grid: {color: color('grid'), drawBorder: false, drawTicks: false},
          ...y,
          ticks: {...axis.ticks, maxTicksLimit: 6, ...y.ticks},
        },
      },
      plugins: {
        legend: {display: false},
        tooltip: {
          backgroundColor: color('ink'),
          titleColor: color('page'),
          bodyColor: color('page'),
          padding: 10,
          cornerRadius: 8,
          boxPadding: 4,
          usePointStyle: true,
        },
      },
    };
  }

  function axisTitle(text) {
    return {
      display: true,
      text,
      color: color('soft'),
      font: {size: 12},
      padding: {top: 4},
    };
  }

  const isShare = (quantity) => data.quantities[quantity]?.is_share ?? false;
  const best = (quantity) =>
      data.quantities[quantity]?.higher_is_better ? Math.max : Math.min;

  // The curves of one quantity over epochs; the best point is marked.
  function curves(canvas, quantity, names, format, y) {
    const epochs = data.curves.epoch;
    const datasets = [];
    for (const name of names) {
      const values = data.curves[name ? name + '_' + quantity : quantity];
      if (!values) continue;
      const points = values.map((value, i) => ({x: epochs[i], y: value}))
                         .filter((point) => point.y !== null);
      const mark = name === 'validation' ?
          points.findIndex(
              (point) =>
                  point.y === best(quantity)(...points.map((p) => p.y))) :
          -1;
      const stroke = color(name || 'rate');
      datasets.push({
        label: name || 'learning rate',
        data: points,
        borderColor: stroke,
        backgroundColor: stroke,
        borderWidth: name === 'train' ? 1.75 : 2.25,
        borderDash: name === 'validation' ? [6, 4] : [],
        pointRadius: points.length < 2 ? 3 : points.map(
            (point, i) => i === mark ? 4 : 0),
        pointBorderColor: color('card'),
        pointBorderWidth: 1.5,
        pointHoverRadius: 4,
        clip: 6,
      });
    }
    const all = options(
        {
          type: 'linear',
          title: axisTitle('epoch'),
          min: Math.min(0, ...epochs),
          max: Math.max(...epochs),
          ticks: {maxTicksLimit: 9, precision: 0},
        },
        {ticks: {callback: format}, ...y});
    all.interaction.mode = 'nearest';
    all.interaction.axis = 'x';
    all.plugins.tooltip.callbacks = {
      title: (items) => 'Epoch ' + short(items[0].parsed.x),
      label: (item) => item.dataset.label + '  ' +
          (isShare(quantity) ? percent(item.parsed.y, 2) :
                               short(item.parsed.y)),
    };
    return new Chart(canvas, {type: 'line', data: {datasets}, options: all});
  }

  function binName(bin) {
    return Math.round(100 * bin.low) + '–' + percent(bin.high, 0);
  }

  // Bars for each bin of confidences.
  function bins(canvas, label, value, y, format, ideal) {
    const datasets = [{
      label,
      data: data.calibration.map(value),
      backgroundColor: color(ideal ? 'test' : 'train'),
      borderRadius: 3,
      categoryPercentage: .9,
      barPercentage: .9,
      order: 2,
    }];
    if (ideal) {
      datasets.push({
        type: 'line',
        label: 'ideal',
        data: data.calibration.map((bin) => (bin.low + bin.high) / 2),
        borderColor: color('soft'),
        borderDash: [2, 4],
        borderWidth: 2,
        pointRadius: 0,
        order: 1,
      });
    }
    const all = options(
        {
          title: axisTitle('confidence up to'),
          ticks: {autoSkipPadding: 14},
        },
        y);
    all.plugins.tooltip.callbacks = {
      title: (items) =>
          'Confidence ' + binName(data.calibration[items[0].dataIndex]),
      label: (item) => item.dataset.label + '  ' + format(item.parsed.y),
    };
    const labels = data.calibration.map((bin) => percent(bin.high, 0));
    return new Chart(
        canvas, {type: 'bar', data: {labels, datasets}, options: all});
  }

  // Predicted against true numbers, and the line of perfect predictions.
  function scatter(canvas) {
    const points = data.scatters[canvas.dataset.index].points;
    const numbers = points.flat();
    const low = Math.min(...numbers);
    const high = Math.max(...numbers);
    const all = options(
        {
          type: 'linear',
          title: axisTitle('true'),
          ticks: {callback: short, maxTicksLimit: 7},
        },
        {title: axisTitle('predicted'), ticks: {callback: short}});
    all.interaction = {mode: 'nearest', intersect: true};
    all.plugins.tooltip.callbacks = {
      label: (item) => 'true  ' + short(item.parsed.x) + ', predicted  ' +
          short(item.parsed.y),
    };
    const datasets = [
      {
        data: points.map(([x, y]) => ({x, y})),
        backgroundColor: color('test') + '80',
        borderWidth: 0,
        pointRadius: points.length > 500 ? 2 : 3,
        order: 2,
      },
      {
        type: 'line',
        data: [{x: low, y: low}, {x: high, y: high}],
        borderColor: color('soft'),
        borderDash: [2, 4],
        borderWidth: 2,
        pointRadius: 0,
        pointHitRadius: 0,
        order: 1,
      },
    ];
    return new Chart(canvas, {type: 'scatter', data: {datasets}, options: all});
  }

  // How many predictions are off by how much.
  function residuals(canvas) {
    const bins = data.scatters[canvas.dataset.index].residuals;
    const all = options(
        {title: axisTitle('predicted − true'), ticks: {autoSkipPadding: 18}},
        {ticks: {callback: (value) => value.toLocaleString('en')}});
    const range = (bin) => short(bin.low) + ' to ' + short(bin.high);
    all.plugins.tooltip.callbacks = {
      title: (items) => range(bins[items[0].dataIndex]),
      label: (item) => item.parsed.y.toLocaleString('en'),
    };
    const datasets = [{
      data: bins.map((bin) => bin.examples),
      backgroundColor: color('train'),
      borderRadius: 3,
      categoryPercentage: 1,
      barPercentage: .9,
    }];
    const labels = bins.map(
        (bin) => String(Number(((bin.low + bin.high) / 2).toPrecision(2))));
    return new Chart(
        canvas, {type: 'bar', data: {labels, datasets}, options: all});
  }

  const makers = {
    scatter,
    residuals,
    learning_rate: (canvas) => curves(
        canvas, 'learning_rate', [''], short,
        {beginAtZero: true, ticks: {callback: short, maxTicksLimit: 5}}),
    calibration: (canvas) => bins(
        canvas, 'accuracy', (bin) => bin.accuracy,
        {
          min: 0,
          max: 1,
          ticks: {callback: (value) => percent(value, 0)},
        },
        (value) => percent(value, 1), true),
    confidence: (canvas) => bins(
        canvas, data.examples, (bin) => bin.examples,
        {ticks: {callback: (value) => value.toLocaleString('en')}},
        (value) => value.toLocaleString('en'), false),
  };

  // What is measured on several sets of examples.
  function metric(canvas) {
    const quantity = canvas.dataset.chart;
    return curves(
        canvas, quantity, ['test', 'validation', 'train'],
        isShare(quantity) ? (value) => short(100 * value) + ' %' : short, {});
  }

  function draw() {
    for (const chart of charts.splice(0)) chart.destroy();
    const style = getComputedStyle(document.body);
    Chart.defaults.font.family = style.fontFamily;
    Chart.defaults.font.size = 12;
    for (const canvas of document.querySelectorAll('canvas[data-chart]')) {
      charts.push((makers[canvas.dataset.chart] || metric)(canvas));
    }
  }

  draw();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  addEventListener('beforeprint', () => {
    for (const chart of charts) chart.resize();
  });

  const links = new Map();
  for (const link of document.querySelectorAll('nav a')) {
    links.set(link.getAttribute('href').slice(1), link);
  }
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute('aria-current');
      links.get(entry.target.id).setAttribute('aria-current', 'true');
    }
  }, {rootMargin: '-20% 0px -70% 0px'});
  for (const section of document.querySelectorAll('main > section')) {
    watcher.observe(section);
  }
})();
