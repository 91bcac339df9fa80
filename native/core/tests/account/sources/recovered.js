const missing, found = first
import source { x } from 'x'
label: { break elsewhere; break label }
class Twice { constructor() {} constructor() {} #a; #a }
found.after(x, yield_)
