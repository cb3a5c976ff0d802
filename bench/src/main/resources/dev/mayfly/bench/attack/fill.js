// Leaves layers whose TOML files are of one kind: larger than a file may be, or small and a lot to parse.
const fs = require('fs')
const texts = {
  large: Array.from({ length: 100000 }, (_, i) => `k${i} = 1`).join('\n'),
  lines: 'a=1\n'.repeat(5000),
  signs: 'x = [' + '1,'.repeat(11000) + ']',
  brackets: 'x = ' + '['.repeat(10000) + ']'.repeat(10000),
  parts: 'a.'.repeat(10000) + 'b = 1',
}
const layers = process.env.CNB_LAYERS_DIR
for (let i = 0; i < 40; i++) {
  fs.mkdirSync(`${layers}/layer${i}`)
  fs.writeFileSync(`${layers}/layer${i}.toml`, texts[process.argv[2]])
}
