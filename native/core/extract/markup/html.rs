//! HTML: the handlers in attributes; scripts are read for themselves.

use super::code::Code;
use super::tags::{Piece, Tags, Value};

pub fn write(code: &mut Code) {
    let file = code.file;
    for piece in Tags::new(file, (0, file.len()), false) {
        let Piece::Open { attributes, .. } = piece else {
            continue;
        };
        for attribute in attributes {
            let name = &file[attribute.name.0..attribute.name.1];
            let is_handler = name.len() > 2
                && name.as_bytes()[..2].eq_ignore_ascii_case(b"on")
                && name.bytes().all(|byte| byte.is_ascii_alphabetic());
            if let Some(Value::Quoted(range)) = attribute.value.filter(|_| is_handler) {
                code.handler(range);
            }
        }
    }
}
