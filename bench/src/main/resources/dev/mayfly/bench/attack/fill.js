// Leaves TOML files of 1 MiB wherever the server reads one: many keys, then deep tables, then deep arrays.
const fs = require('fs')
const lines = (line, bytes) => Array.from({ length: bytes / 12 }, (_, i) => line(i)).join('\n')
const MIB = 1 << 20
const texts = [
  lines((i) => `k${i} = ${i % 10}`, MIB),
  Array.from({ length: MIB / 64 }, (_, i) => `a${i}.` + 'b.'.repeat(25) + 'c = 1').join('\n'),
  'x = ' + '['.repeat(100000) + ']'.repeat(100000),
  'a.'.repeat(MIB / 4) + 'b = 1',
]
for (const folder of fs.readdirSync('/layers')) {
  const inside = '/layers/' + folder
  try {
    texts.forEach((text, i) => fs.writeFileSync(`${inside}/launch${i}.toml`, text))
    for (let i = 0; i < 40; i++) fs.writeFileSync(`${inside}/layer${i}.toml`, texts[i % texts.length])
  } catch (e) {} // Not a folder of ours.
}
