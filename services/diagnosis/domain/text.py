"""placeholder"""
def as_text(d): return ""
