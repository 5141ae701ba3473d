import { ROWS, type Panel, type Row } from './panels.js';

const SOURCE = { type: 'prometheus', uid: '${datasource}' };
const PER_LINE = 3;
const WIDTH = 24 / PER_LINE;
const HEIGHT = 8;

/** `ops/grafana/switchhook.json`: an importable dashboard that asks for its data source. */
export function grafanaDashboard(): string {
  const dashboard = {
    uid: 'switchhook',
    title: 'Switchhook',
    tags: ['sip', 'switchhook'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: { list: [dataSource, engines] },
    panels: laidOut(),
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

const dataSource = {
  ...{ name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
  current: {},
};

const engines = {
  ...{ name: 'instance', label: 'Engine', type: 'query', datasource: SOURCE },
  query: { query: 'label_values(event_loop_lag_seconds, instance)', refId: 'engines' },
  ...{ includeAll: true, multi: true, allValue: '.*', refresh: 2, sort: 1, current: {} },
};

function laidOut(): object[] {
  const panels: object[] = [];
  let y = 0;
  for (const row of ROWS) {
    panels.push(header(row, panels.length + 1, y));
    y += 1;
    row.panels.forEach((panel, at) => {
      const place = { x: (at % PER_LINE) * WIDTH, y: y + Math.floor(at / PER_LINE) * HEIGHT };
      panels.push(drawn(panel, panels.length + 1, { ...place, w: WIDTH, h: HEIGHT }));
    });
    y += Math.ceil(row.panels.length / PER_LINE) * HEIGHT;
  }
  return panels;
}

const header = ({ title }: Row, id: number, y: number): object => ({
  ...{ id, type: 'row', title, collapsed: false, panels: [] },
  gridPos: { x: 0, y, w: 24, h: 1 },
});

function drawn(
  { title, says, unit, lines, kind = 'timeseries' }: Panel,
  id: number,
  gridPos: object,
): object {
  return {
    ...{ id, type: kind, title, description: says, datasource: SOURCE, gridPos },
    targets: lines.map(([expr, legendFormat], at) => ({
      refId: String.fromCharCode(65 + at),
      datasource: SOURCE,
      expr: expr.replaceAll('$i', 'instance=~"$instance"'),
      legendFormat,
      ...(kind === 'stat' && { instant: true }),
    })),
    fieldConfig: { defaults: unit === 'bool' ? UP_OR_DOWN : { unit, min: 0 }, overrides: [] },
    options: kind === 'stat' ? STAT : LEGEND,
  };
}

const UP_OR_DOWN = {
  mappings: [
    {
      type: 'value',
      options: { '0': { text: 'down', color: 'red' }, '1': { text: 'up', color: 'green' } },
    },
  ],
};
const STAT = { reduceOptions: { calcs: ['lastNotNull'] }, textMode: 'value_and_name' };
const LEGEND = {
  legend: { displayMode: 'list', placement: 'bottom' },
  tooltip: { mode: 'multi', sort: 'desc' },
};
