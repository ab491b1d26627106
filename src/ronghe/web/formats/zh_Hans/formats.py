"""Chinese: the browser's picker takes only year-month-day, so that stands first; what people type is read as well."""

DATE_INPUT_FORMATS = ["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日"]
